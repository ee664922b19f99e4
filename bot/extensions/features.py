"""What the intents are told apart by: the letters and words of a text, evened out, and its meaning.

EvenCounts  Rasa's counts of words or letters, brought to one length, so that a long text is not surer than a short one
Meaning     the sentence vector of the guide's own encoder (knowledge/encoder), which knows words that no example has
Measured in benchmarks/nlu.md.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.nlu.featurizers.sparse_featurizer.count_vectors_featurizer import CountVectorsFeaturizer
from rasa.shared.exceptions import RasaException
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

BOT = Path(__file__).resolve().parent.parent


class EncoderMissingError(RasaException):
    """Raised when the encoder cannot be loaded; the text says what to do."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class EvenCounts(CountVectorsFeaturizer):
    """Square roots of the counts of a sentence, brought to the length `weight`."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """The defaults of Rasa's featurizer, and the weight."""
        return {**CountVectorsFeaturizer.get_default_config(), "weight": 3.0}

    def _create_features(self, attribute: str, all_tokens: list[list[str]]) -> Any:
        """Rasa's features of sentences, evened out; those of single tokens are not needed here."""
        _, sentences = super()._create_features(attribute, all_tokens)
        return [None] * len(sentences), [counts if counts is None else self._even(counts) for counts in sentences]

    def _even(self, counts: scipy.sparse.coo_matrix) -> scipy.sparse.coo_matrix:
        even = counts.astype(np.float64)
        even.data = np.sqrt(even.data)
        length = float(np.sqrt((even.data**2).sum()))
        even.data *= float(self._config["weight"]) / length if length else 0.0
        return even


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class Meaning(DenseFeaturizer, GraphComponent):
    """The sentence vector of the encoder in `folder`, brought to the length `weight`."""

    def __init__(self, config: dict[str, Any], name: str) -> None:
        super().__init__(name, config)
        self._encoder = SentenceEncoder((BOT / config["folder"]).resolve())

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Where the encoder is, from bot/, and the weight."""
        return {**DenseFeaturizer.get_default_config(), "folder": "../knowledge/encoder", "weight": 3.0}

    @staticmethod
    def required_packages() -> list[str]:
        """What must be installed."""
        return ["onnxruntime", "tokenizers"]

    @classmethod
    def create(
        cls, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> Meaning:
        """A new component."""
        return cls(config, execution_context.node_name)

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """Rasa keeps what it has computed; another encoder must make it compute anew."""
        folder = (BOT / config.get("folder", cls.get_default_config()["folder"])).resolve()
        digest = hashlib.sha256()
        for path in sorted(folder.rglob("*.onnx")):
            digest.update(path.read_bytes())
        return digest.hexdigest()

    def process(self, messages: list[Message]) -> list[Message]:
        """Add the vector of each message's text."""
        for message in messages:
            text = message.get(TEXT)
            if text:
                vector = self._encoder.encode(text) * float(self._config["weight"])
                self.add_features_to_message(None, vector, TEXT, message)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Add the vectors of the training examples."""
        self.process(training_data.training_examples)
        return training_data

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Nothing to check beyond what create does."""


class SentenceEncoder:
    """The guide's encoder for one text at a time: the same steps as knowledge/encoders.py, in Rasa's Python."""

    def __init__(self, folder: Path) -> None:
        """Raises EncoderMissingError when the folder does not hold an encoder."""
        import onnxruntime
        from tokenizers import Tokenizer

        try:
            weights = sorted((folder / "onnx").glob("*.onnx"))[0]
            self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
            settings = json.loads((folder / "sentence_bert_config.json").read_text(encoding="utf-8"))
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = options.inter_op_num_threads = 1
            self._session = onnxruntime.InferenceSession(str(weights), options, providers=["CPUExecutionProvider"])
        except Exception as error:
            raise EncoderMissingError(
                f"The encoder in {folder.parent.name}/{folder.name} cannot be loaded ({type(error).__name__}). "
                "Get the folder back with `git checkout knowledge/encoder`."
            ) from error
        self._tokenizer.enable_truncation(int(settings.get("max_seq_length") or 128))
        self._inputs = {entry.name for entry in self._session.get_inputs()}

    def encode(self, text: str) -> np.ndarray:
        """A vector of shape (1, width) and length 1."""
        encoded = self._tokenizer.encode(text)
        ids = np.array([encoded.ids], dtype=np.int64)
        feed = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        states = self._session.run(None, {k: v for k, v in feed.items() if k in self._inputs})[0]
        mean = states.mean(axis=1)
        return np.asarray(mean / max(float(np.linalg.norm(mean)), 1e-9), dtype=np.float64)
