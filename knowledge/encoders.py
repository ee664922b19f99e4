"""From texts to vectors. The default encoder ships with the project and needs only onnxruntime and tokenizers.

Any sentence-transformers model (hub id or folder) can be named instead; that path needs the extra `models`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]
DEFAULT_ENCODER = Path(__file__).with_name("encoder")


class EncoderError(Exception):
    """Raised when an encoder cannot be loaded; the message says what to do."""


class Encoder(Protocol):
    """Turns texts into vectors."""

    @property
    def name(self) -> str:
        """A name that changes when the model changes; part of the key of the cached index."""
        ...

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Vectors of shape (len(texts), width), each of length 1."""
        ...


class OnnxEncoder:
    """A sentence-transformers folder with an ONNX file: tokenizer, transformer, mean pooling, length 1."""

    def __init__(self, folder: Path, threads: int = 1) -> None:
        """Raises EncoderError when the folder does not hold a model."""
        import onnxruntime
        from tokenizers import Tokenizer

        try:
            weights = sorted((folder / "onnx").glob("*.onnx"))[0]
            self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
            settings = json.loads((folder / "sentence_bert_config.json").read_text(encoding="utf-8"))
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = threads
            options.inter_op_num_threads = 1
            self._session = onnxruntime.InferenceSession(str(weights), options, providers=["CPUExecutionProvider"])
        except Exception as error:
            raise EncoderError(
                f"The encoder in {folder.name} cannot be loaded ({type(error).__name__}). Restore the folder, or set "
                "VEIVISER_ENCODER to another sentence-transformers model."
            ) from error
        self._tokenizer.enable_truncation(int(settings.get("max_seq_length") or 128))
        self._tokenizer.enable_padding()
        self._inputs = {entry.name for entry in self._session.get_inputs()}
        self._name = f"{folder.name}-{weights.stat().st_size}"

    @property
    def name(self) -> str:
        """Folder and size of the weights."""
        return self._name

    def encode(self, texts: Sequence[str], batch: int = 32) -> Vectors:
        """Vectors of shape (len(texts), width), each of length 1. Mean pooling over the words, as the model was trained."""
        order = np.argsort([len(text) for text in texts], kind="stable")
        pieces = [self._batch([texts[i] for i in order[start : start + batch]]) for start in range(0, len(texts), batch)]
        if not pieces:
            return np.zeros((0, 0), dtype=np.float32)
        sorted_vectors = np.concatenate(pieces)
        vectors = np.empty_like(sorted_vectors)
        vectors[order] = sorted_vectors
        return vectors

    def _batch(self, texts: list[str]) -> Vectors:
        encoded = self._tokenizer.encode_batch(texts)
        ids = np.array([e.ids for e in encoded], dtype=np.int64)
        mask = np.array([e.attention_mask for e in encoded], dtype=np.int64)
        feed = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        states = self._session.run(None, {k: v for k, v in feed.items() if k in self._inputs})[0]
        weight = mask[:, :, None].astype(np.float32)
        mean = (states * weight).sum(axis=1) / np.maximum(weight.sum(axis=1), 1e-9)
        return np.asarray(mean / np.maximum(np.linalg.norm(mean, axis=1, keepdims=True), 1e-9), dtype=np.float32)


class SentenceTransformersEncoder:
    """Any sentence-transformers model, with its own query prompt if it has one."""

    def __init__(self, name: str) -> None:
        """Raises EncoderError when the extra is not installed or the model is not to be had."""
        try:
            from sentence_transformers import SentenceTransformer
        except ImportError as error:
            raise EncoderError(
                "VEIVISER_ENCODER names a model that needs sentence-transformers. Run `make models`, or unset it."
            ) from error
        try:
            self._model: Any = SentenceTransformer(name, device="cpu", trust_remote_code=False)
        except Exception as error:
            raise EncoderError(
                f"The model in VEIVISER_ENCODER cannot be loaded ({type(error).__name__}). Give a folder, or a hub id "
                "that this machine can reach, or unset VEIVISER_ENCODER."
            ) from error
        self._prompt = "query" if "query" in (getattr(self._model, "prompts", None) or {}) else None
        self._name = name.replace("/", "-")

    @property
    def name(self) -> str:
        """The model's name."""
        return self._name

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Vectors of shape (len(texts), width), each of length 1."""
        vectors = self._model.encode(
            list(texts), prompt_name=self._prompt, normalize_embeddings=True, convert_to_numpy=True, show_progress_bar=False
        )
        return np.asarray(vectors, dtype=np.float32)


class LettersOnly:
    """No vectors: the search then goes by words and letters alone. For when no encoder can be loaded."""

    WIDTH = 8

    @property
    def name(self) -> str:
        """Always the same."""
        return "letters-only"

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Zeros of shape (len(texts), WIDTH)."""
        return np.zeros((len(texts), self.WIDTH), dtype=np.float32)


def load_encoder(name: str | None = None) -> Encoder:
    """The encoder that ships with the project, or the sentence-transformers model `name`. Raises EncoderError."""
    return SentenceTransformersEncoder(name) if name else OnnxEncoder(DEFAULT_ENCODER)
