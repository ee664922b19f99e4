"""To compare: a static encoder, the mean of subword and character n-gram vectors, no word order, microseconds a text.

The same pieces as the transformer, starting from their aligned embeddings, plus whole words and character 3- to
5-grams hashed (crc32) into a table (Bojanowski et al. 2017). Trained by the same distillation on the same segments.

    python -m training.static_encoder PARALLEL_DIR WORK_DIR --minutes 4
"""

from __future__ import annotations

import argparse
import time
import zlib
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional
from tqdm import tqdm

from training.distil import batches, distillation_loss, save_atomically
from training.segments import Segment, load_segments
from training.student import device, encode, load_teacher, load_tokenizer

ROWS = 2**16
GRAMS = (3, 4, 5)
BATCH = 512
LEARNING_RATE = 2e-3
DRAWN = 120_000
"""So many segments are drawn once; the teacher encodes their English texts, which are used again and again."""


def gram_rows(words: list[str], rows: int = ROWS) -> list[int]:
    """The table rows of ``words``: each word whole and its character 3- to 5-grams with word borders marked."""
    found = []
    for word in words:
        marked = f"<{word}>"
        grams = [marked, *(marked[n : n + size] for size in GRAMS for n in range(len(marked) - size + 1))]
        found += [zlib.crc32(gram.encode("utf-8")) % rows for gram in grams]
    return found


class StaticEncoder(nn.Module):
    """Mean of piece vectors plus mean of n-gram vectors; ``start`` is float32 of shape (pieces, 384)."""

    def __init__(self, start: Tensor, tokenizer: Tokenizer) -> None:
        super().__init__()
        self.tokenizer = tokenizer
        self.pieces = nn.EmbeddingBag.from_pretrained(start.clone(), freeze=False, mode="mean", sparse=True)
        self.grams = nn.EmbeddingBag(ROWS, start.shape[1], mode="mean", sparse=True)
        nn.init.zeros_(self.grams.weight)

    def rows(self, text: str) -> tuple[list[int], list[int]]:
        """(piece numbers, n-gram rows) of ``text``; never empty."""
        normal = self.tokenizer.normalizer.normalize_str(text)
        words = [word for word, _ in self.tokenizer.pre_tokenizer.pre_tokenize_str(normal)]
        pieces = self.tokenizer.encode(text, add_special_tokens=False).ids
        return pieces or [1], gram_rows(words) or [0]

    def forward(self, texts: list[str]) -> Tensor:
        """Unit vectors: float32, shape (texts, 384)."""
        where = self.pieces.weight.device
        total = torch.zeros(len(texts), self.pieces.embedding_dim, device=where)
        for bag, lists in zip((self.pieces, self.grams), zip(*map(self.rows, texts), strict=True), strict=True):
            sizes = [len(one) for one in lists]
            offsets = torch.tensor(np.cumsum([0, *sizes[:-1]]), device=where)
            total = total + bag(torch.tensor([row for one in lists for row in one], device=where), offsets)
        return functional.normalize(total, dim=-1)

    @torch.inference_mode()
    def encode(self, texts: list[str]) -> np.ndarray:
        """Unit vectors as numpy: float32, shape (texts, 384)."""
        return self(texts).cpu().numpy()


def load_static(work: Path, state: str = "static.pt") -> StaticEncoder:
    """The static encoder in ``WORK_DIR/static.pt``."""
    saved = torch.load(work / state, map_location="cpu", weights_only=True)
    tokenizer = load_tokenizer(work / "tokenizer.json")
    tokenizer.no_padding()
    encoder = StaticEncoder(saved["pieces.weight"], tokenizer)
    encoder.load_state_dict(saved)
    return encoder.eval()


def teacher_vectors(segments: list[Segment], drawn_segments: int, seed: int) -> tuple[list[Segment], dict[str, np.ndarray]]:
    """A draw of segments and the teacher's vector of each of their English texts."""
    source = batches(segments, drawn_segments // 40, seed)
    drawn = {english: None for _, (_, many) in zip(range(40), source, strict=False) for english in many}
    teacher, tokenizer = load_teacher()
    texts = list(drawn)
    vectors: dict[str, np.ndarray] = {}
    for start in tqdm(range(0, len(texts), 4096), desc="teacher"):
        part = texts[start : start + 4096]
        vectors.update(zip(part, encode(teacher.to(device()), tokenizer, part, 128), strict=True))
    return [segment for segment in segments if segment.english in vectors], vectors


def main() -> None:
    """Write ``WORK_DIR/static.pt``."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parallel", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("--minutes", type=float, default=4.0)
    parser.add_argument("--drawn", type=int, default=DRAWN, help="segments that the teacher encodes")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(arguments.seed)
    segments, vectors = teacher_vectors(load_segments(arguments.parallel), arguments.drawn, arguments.seed)
    tokenizer = load_tokenizer(arguments.work / "tokenizer.json")
    tokenizer.no_padding()
    start = torch.load(arguments.work / "start.pt", map_location="cpu", weights_only=True)
    encoder = StaticEncoder(start["embeddings.word_embeddings.weight"], tokenizer).to(device())
    optimizer = torch.optim.SparseAdam(encoder.parameters(), lr=LEARNING_RATE)
    source, began = batches(segments, BATCH, arguments.seed), time.monotonic()
    with tqdm(desc="static", mininterval=5) as bar:
        while (done := (time.monotonic() - began) / (60 * arguments.minutes)) < 1.0:
            texts, english = next(source)
            target = torch.from_numpy(np.stack([vectors[text] for text in english])).to(device())
            for group in optimizer.param_groups:
                group["lr"] = LEARNING_RATE * max(1.0 - done, 1e-3)
            loss = distillation_loss(encoder(texts), target)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            bar.update()
            bar.set_postfix(loss=f"{loss.item():.3f}", refresh=False)
    save_atomically(encoder.state_dict(), arguments.work / "static.pt")


if __name__ == "__main__":
    main()
