"""What Veiviser knows, and how to find it. Imports no web framework and no Rasa."""
