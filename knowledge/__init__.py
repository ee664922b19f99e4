"""What Veiviser knows, and how to find it. Imports no web framework and no Rasa."""

import os

# From 1.29 on, onnxruntime reports its use to its maker and keeps an id of the device, unless this stands before it is loaded.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
