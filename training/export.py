"""Step 5: the folder that ships: int8 ONNX weights, tokenizer, and the files sentence-transformers looks for.

The network is written as ONNX, its attention, normalisation and GELU are fused, and nearly every matrix is turned into 8-bit
integers, one scale a column (per channel), with activations quantised as they come (dynamic). Weights use 7 of the 8
bits (reduce_range): processors without VNNI saturate otherwise and would give other vectors than ours.

    python -m training.export WORK_DIR OUT_DIR --state finetuned.pt
"""

from __future__ import annotations

import argparse
import json
import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.transformers.fusion_options import FusionOptions
from onnxruntime.transformers.optimizer import optimize_model
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import BertModel

from training.build_vocabulary import MAX_PIECES, SPECIAL
from training.model_card import model_card
from training.student import load_student, load_tokenizer

WEIGHTS = "onnx/model_qint8_per_channel.onnx"
LARGEST_BYTES = 40_000_000
KEPT_EXACT = ("layer.0/output/dense",)
"""Matrices left in 32 bits: their inputs have outliers that 8 bits blur (mean cosine of 300 phrases .991 → .993)."""


class _LastHiddenState(nn.Module):
    """The network as ONNX should show it: pieces, mask and types in, one vector a piece out."""

    def __init__(self, model: BertModel) -> None:
        super().__init__()
        self.model = model

    def forward(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor) -> Tensor:
        output = self.model(input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids)
        return output.last_hidden_state


def write_onnx(model: BertModel, path: Path) -> None:
    """Write ``model`` as fused fp32 ONNX; inputs int64 of shape (batch, pieces), output float32 (batch, pieces, 384)."""
    model.eval().set_attn_implementation("eager")
    names = ["input_ids", "attention_mask", "token_type_ids"]
    example = (
        torch.tensor([[2, 7, 8, 3], [2, 9, 3, 0]]),
        torch.tensor([[1, 1, 1, 1], [1, 1, 1, 0]]),
        torch.zeros(2, 4, dtype=torch.long),
    )
    axes = {name: {0: "batch", 1: "pieces"} for name in [*names, "last_hidden_state"]}
    raw = path.with_suffix(".raw.onnx")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            _LastHiddenState(model), example, raw, input_names=names, output_names=["last_hidden_state"],
            dynamic_axes=axes, opset_version=17, dynamo=False,
        )  # fmt: skip
    options = FusionOptions("bert")
    options.enable_embed_layer_norm = False
    config = model.config
    fused = optimize_model(
        str(raw), "bert", num_heads=config.num_attention_heads, hidden_size=config.hidden_size,
        optimization_options=options, opt_level=0,
    )  # fmt: skip
    fused.save_model_to_file(str(path))


def write_int8(source: Path, target: Path) -> None:
    """Quantise ``source`` to 8-bit weights, per channel, into ``target``."""
    target.parent.mkdir(parents=True, exist_ok=True)
    nodes = [node.name for node in onnx.load(source).graph.node]
    exact = [name for name in nodes if any(part in name for part in KEPT_EXACT)]
    quantize_dynamic(
        source, target, weight_type=QuantType.QInt8, per_channel=True, reduce_range=True, nodes_to_exclude=exact,
        extra_options={"DefaultTensorType": TensorProto.FLOAT},
    )  # fmt: skip


class OnnxEncoder:
    """The encoder by onnxruntime and tokenizers alone, as the guide runs it; for measuring here."""

    def __init__(self, weights: Path, tokenizer: Tokenizer, threads: int = 1) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self.session = onnxruntime.InferenceSession(str(weights), options, providers=["CPUExecutionProvider"])
        self.tokenizer = tokenizer

    def encode(self, texts: Sequence[str], batch: int = 1) -> np.ndarray:
        """Unit vectors of ``texts``: float32, shape (texts, 384)."""
        found = []
        for start in range(0, len(texts), batch):
            encodings = self.tokenizer.encode_batch(list(texts[start : start + batch]))
            pieces = np.array([e.ids for e in encodings], dtype=np.int64)
            mask = np.array([e.attention_mask for e in encodings], dtype=np.int64)
            feed = {"input_ids": pieces, "attention_mask": mask, "token_type_ids": np.zeros_like(pieces)}
            states = self.session.run(None, feed)[0]
            mean = (states * mask[:, :, None]).sum(1) / mask.sum(1, keepdims=True)
            found.append(mean / np.linalg.norm(mean, axis=1, keepdims=True))
        return np.concatenate(found).astype(np.float32)


def _write_json(path: Path, content: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def write_folder(model: BertModel, tokenizer: Tokenizer, out: Path) -> None:
    """Everything in ``out`` but the weights and the card."""
    prefix = "sentence_transformers.models"
    modules = [("Transformer", ""), ("Pooling", "1_Pooling"), ("Normalize", "2_Normalize")]
    _write_json(
        out / "modules.json",
        [{"idx": n, "name": str(n), "path": path, "type": f"{prefix}.{kind}"} for n, (kind, path) in enumerate(modules)],
    )
    pooling = {"word_embedding_dimension": model.config.hidden_size, "pooling_mode_mean_tokens": True}
    off = ("cls_token", "max_tokens", "mean_sqrt_len_tokens", "weightedmean_tokens", "lasttoken")
    _write_json(out / "1_Pooling/config.json", pooling | {f"pooling_mode_{mode}": False for mode in off})
    _write_json(
        out / "config_sentence_transformers.json",
        {"prompts": {}, "default_prompt_name": None, "similarity_fn_name": "cosine"},
    )
    _write_json(out / "sentence_bert_config.json", {"max_seq_length": MAX_PIECES, "do_lower_case": False})
    config = {key: value for key, value in model.config.to_dict().items() if not key.startswith("_")}
    config |= {"architectures": ["BertModel"], "vocab_size": tokenizer.get_vocab_size(), "dtype": "float32"}
    _write_json(out / "config.json", config)
    special = dict(zip(("pad_token", "unk_token", "cls_token", "sep_token", "mask_token"), SPECIAL, strict=True))
    _write_json(
        out / "tokenizer_config.json",
        special | {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": MAX_PIECES},
    )
    _write_json(out / "special_tokens_map.json", special)
    tokenizer.save(str(out / "tokenizer.json"), pretty=False)


def main() -> None:
    """Write the whole folder and refuse weights that are too heavy."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("work", type=Path, help="folder that holds tokenizer.json and the student's state")
    parser.add_argument("out", type=Path, help="the folder that ships")
    parser.add_argument("--state", default="finetuned.pt", help="which state in the work folder")
    arguments = parser.parse_args()
    tokenizer = load_tokenizer(arguments.work / "tokenizer.json", MAX_PIECES)
    model = load_student(arguments.work / arguments.state, tokenizer.get_vocab_size())
    write_folder(model, tokenizer, arguments.out)
    exact = arguments.work / "model_fp32.onnx"
    write_onnx(model, exact)
    write_int8(exact, arguments.out / WEIGHTS)
    size = (arguments.out / WEIGHTS).stat().st_size
    if size > LARGEST_BYTES:
        raise SystemExit(f"{size} bytes of weights, at most {LARGEST_BYTES} are allowed: prune the vocabulary")
    measured = arguments.work / "figures.json"
    figures = json.loads(measured.read_text(encoding="utf-8")) if measured.exists() else {}
    (arguments.out / "README.md").write_text(model_card(figures, size), encoding="utf-8")
    print(f"{size / 1e6:.1f} MB of weights in {arguments.out / WEIGHTS}")


if __name__ == "__main__":
    main()
