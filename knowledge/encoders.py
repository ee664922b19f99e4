"""From texts to vectors. The default encoder ships with the project and needs only onnxruntime and tokenizers.

Any sentence-transformers model (hub id or folder) can be named instead; that path needs the extra `models`.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
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
        self._name = f"{folder.name}-{_hash([weights])}"

    @property
    def name(self) -> str:
        """Folder and a hash of the weights."""
        return self._name

    def encode(self, texts: Sequence[str], batch: int = 32) -> Vectors:
        """Vectors of shape (len(texts), width), each of length 1. Mean pooling over the words, as the model was trained.

        8-bit weights scale a batch together, so a text's vector leans a little on its batch (training/RESULTS.md).
        """
        if not texts:
            return np.zeros((0, 0), dtype=np.float32)
        if len(texts) <= batch:
            return self._batch(list(texts))
        order = np.argsort([len(text) for text in texts], kind="stable")
        batches = [[texts[i] for i in order[start : start + batch]] for start in range(0, len(texts), batch)]
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            sorted_vectors = np.concatenate(list(pool.map(self._batch, batches)))
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
    """Any sentence-transformers model, a folder or a hub id, with its own query prompt if it has one.

    A folder that holds ONNX weights alone, as ours does, is run by onnxruntime inside sentence-transformers.
    """

    def __init__(self, name: str) -> None:
        """Raises EncoderError when the extra is not installed or the model is not to be had."""
        try:
            from sentence_transformers import SentenceTransformer
        except ImportError as error:
            raise EncoderError(
                "VEIVISER_ENCODER names a model that needs sentence-transformers. Run `make models`, or unset it."
            ) from error
        folder = Path(name)
        onnx = sorted(folder.glob("onnx/*.onnx")) if not any(folder.glob("*.safetensors")) else []
        backend: dict[str, Any] = {}
        if onnx:
            backend = {"backend": "onnx", "model_kwargs": {"file_name": onnx[0].relative_to(folder).as_posix()}}
        try:
            self._model: Any = SentenceTransformer(name, device="cpu", trust_remote_code=False, **backend)
        except Exception as error:
            raise EncoderError(
                f"The model in VEIVISER_ENCODER cannot be loaded ({type(error).__name__}). Give a folder, or a hub id "
                "that this machine can reach, or unset VEIVISER_ENCODER."
            ) from error
        # Without a prompt for queries of its own (sentence-transformers fills in an empty one) the model's default counts.
        self._prompt = "query" if (getattr(self._model, "prompts", None) or {}).get("query") else None
        weights = onnx or sorted(folder.glob("**/*.safetensors"))
        self._name = f"{folder.name}-{_hash(weights)}" if weights else name.replace("/", "-")

    @property
    def name(self) -> str:
        """The hub id; of a folder its name and a hash of its weights."""
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


def _hash(weights: Sequence[Path]) -> str:
    """Of the content of the files, twelve characters."""
    digest = hashlib.sha256()
    for file in weights:
        with file.open("rb") as content:
            while part := content.read(1 << 20):
                digest.update(part)
    return digest.hexdigest()[:12]


def load_encoder(name: str | None = None) -> Encoder:
    """The encoder that ships with the project, or the sentence-transformers model `name`. Raises EncoderError."""
    return SentenceTransformersEncoder(name) if name else OnnxEncoder(DEFAULT_ENCODER)
