"""How fast the shipped encoder is, and how near its 8-bit vectors lie to the exact ones; into the model card.

python -m training.measure WORK_DIR OUT_DIR PHRASES_DIR
"""

from __future__ import annotations

import argparse
import json
import platform
import time
from pathlib import Path

import numpy as np
from tqdm import tqdm

from training.build_vocabulary import MAX_PIECES
from training.export import WEIGHTS, OnnxEncoder
from training.model_card import model_card
from training.own_phrases import load_phrases
from training.student import load_tokenizer

TEXTS = 300
SMALLEST_COSINE = 0.985


def milliseconds(encoder: OnnxEncoder, texts: list[str]) -> tuple[float, float]:
    """(median, 95th percentile) of the processor time to encode one text, tokenizing included, in milliseconds.

    Processor time, not wall time: on one thread they are the same on a quiet machine, and others' work does not count.
    """
    encoder.encode(texts[:20])
    taken = []
    for text in tqdm(texts, desc="timing"):
        began = time.process_time()
        encoder.encode([text])
        taken.append(1000 * (time.process_time() - began))
    return float(np.median(taken)), float(np.percentile(taken, 95))


def processor() -> str:
    """The name of the processor, as far as the system tells."""
    path = Path("/proc/cpuinfo")
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def main() -> None:
    """Measure, keep the figures in ``WORK_DIR/figures.json``, and write the card anew."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("work", type=Path, help="folder that holds model_fp32.onnx")
    parser.add_argument("out", type=Path, help="the folder that ships")
    parser.add_argument("phrases", type=Path)
    arguments = parser.parse_args()
    texts = [p.text for p in load_phrases(arguments.phrases)]
    texts = texts[:: max(1, len(texts) // TEXTS)][:TEXTS]
    tokenizer = load_tokenizer(arguments.out / "tokenizer.json", MAX_PIECES)
    small = OnnxEncoder(arguments.out / WEIGHTS, tokenizer)
    exact = OnnxEncoder(arguments.work / "model_fp32.onnx", tokenizer)
    cosine = (small.encode(texts) * exact.encode(texts)).sum(1)
    if cosine.mean() < SMALLEST_COSINE:
        raise SystemExit(f"mean cosine {cosine.mean():.4f} to fp32, at least {SMALLEST_COSINE} is asked for")
    path = arguments.work / "figures.json"
    figures: dict[str, str] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    words = np.mean([len(text.split()) for text in texts])
    for name, encoder in (("int8", small), ("fp32", exact)):
        median, late = milliseconds(encoder, texts)
        figures[f"processor ms a phrase, ONNX {name}, one thread, median / 95th percentile"] = f"{median:.1f} / {late:.1f}"
    figures["cosine of int8 to fp32, mean / worst"] = f"{cosine.mean():.4f} / {cosine.min():.4f}"
    figures["measured on"] = f"{len(texts)} phrases of {words:.0f} words on average, {processor()}"
    path.write_text(json.dumps(figures, ensure_ascii=False, indent=2), encoding="utf-8")
    size = (arguments.out / WEIGHTS).stat().st_size
    (arguments.out / "README.md").write_text(model_card(figures, size), encoding="utf-8")
    for name, value in figures.items():
        print(f"{name}: {value}")


if __name__ == "__main__":
    main()
