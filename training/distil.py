"""Step 3: the student learns to put a text where the English teacher puts its translation.

Multilingual knowledge distillation (Reimers and Gurevych 2020): 1 − cos(student(foreign), teacher(English)), and a
tenth of an in-batch cross-entropy at temperature .05 so that what is different stays apart. Stops after --steps or
--minutes, whichever is first; the learning rate falls to zero with the one that is nearest its end. Run again after a
stop, it goes on from the last checkpoint.

    python -m training.distil PARALLEL_DIR WORK_DIR --minutes 40 --steps 3000
"""

from __future__ import annotations

import argparse
import os
import random
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional
from tqdm import tqdm
from transformers import BertModel

from training.noise import noisy
from training.segments import Segment, draw_weights, load_segments
from training.student import device, embed, load_student, load_teacher, load_tokenizer

BATCH_CPU, BATCH_GPU = 96, 1024
POOL_BATCHES = 40
MAX_TRAINING_PIECES = 64
LEARNING_RATE, LEARNING_RATE_EMBEDDINGS = 1e-4, 5e-4
WARM_UP_STEPS = 100
TEMPERATURE = 0.05
CONTRAST = 0.1
SHARE_ENGLISH = 0.09
CHECKPOINT_SECONDS = 180


def batches(segments: list[Segment], size: int, seed: int) -> Iterator[tuple[list[str], list[str]]]:
    """Endless (student texts, English texts) of ``size``; within a pool of 40 batches, texts of like length together."""
    cumulative = np.cumsum(draw_weights(segments))
    draw, rng = np.random.default_rng(seed), random.Random(seed)
    while True:
        pool = np.searchsorted(cumulative, draw.random(size * POOL_BATCHES) * cumulative[-1])
        pool = sorted(pool.tolist(), key=lambda number: len(segments[number].foreign))
        starts = list(range(0, len(pool), size))
        rng.shuffle(starts)
        for start in starts:
            part = [segments[number] for number in pool[start : start + size]]
            foreign = [s.english if rng.random() < SHARE_ENGLISH else s.foreign for s in part]
            yield [noisy(text, rng) for text in foreign], [s.english for s in part]


def distillation_loss(student: Tensor, teacher: Tensor) -> Tensor:
    """The loss of one batch of unit vectors, both of shape (batch, 384); a translation met twice is no negative."""
    cosine = (student * teacher).sum(1)
    scores = student @ teacher.T / TEMPERATURE
    same = (teacher @ teacher.T > 0.999) & ~torch.eye(len(teacher), dtype=torch.bool, device=teacher.device)
    scores = scores.masked_fill(same, float("-inf"))
    target = torch.arange(len(teacher), device=teacher.device)
    return (1 - cosine).mean() + CONTRAST * functional.cross_entropy(scores, target)


def make_optimizer(model: BertModel, rate: float, rate_embeddings: float) -> torch.optim.AdamW:
    """AdamW with its own rate, and no decay, for the word embeddings."""
    words = model.get_input_embeddings().weight
    rest = [p for p in model.parameters() if p is not words]
    groups = [
        {"params": rest, "lr": rate, "base": rate, "weight_decay": 0.01},
        {"params": [words], "lr": rate_embeddings, "base": rate_embeddings, "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, betas=(0.9, 0.98), fused=True)


def set_rate(optimizer: torch.optim.Optimizer, step: int, done: float, warm_up: int = WARM_UP_STEPS) -> None:
    """Linear warm-up over ``warm_up`` steps, then linear to zero as ``done`` goes from 0 to 1."""
    factor = min(1.0, (step + 1) / warm_up) * max(0.0, 1.0 - done)
    for group in optimizer.param_groups:
        group["lr"] = group["base"] * factor


def save_atomically(state: dict, path: Path) -> None:
    """Write ``state`` to ``path`` so that a reader, or a stop in the middle, never meets half a file."""
    part = path.with_suffix(".part")
    torch.save(state, part)
    os.replace(part, path)


class Distillation:
    """A run that can be stopped and taken up again: everything it needs lies in ``work``."""

    def __init__(self, segments: list[Segment], work: Path, minutes: float, steps: int, seed: int) -> None:
        torch.manual_seed(seed)
        self.work, self.minutes, self.steps, self.seed, self.segments = work, minutes, steps, seed, segments
        self.tokenizer: Tokenizer = load_tokenizer(work / "tokenizer.json", MAX_TRAINING_PIECES)
        self.student = load_student(work / "start.pt", self.tokenizer.get_vocab_size()).to(device()).train()
        self.teacher, self.teacher_tokenizer = load_teacher()
        self.teacher.to(device())
        self.optimizer = make_optimizer(self.student, LEARNING_RATE, LEARNING_RATE_EMBEDDINGS)
        self.step, self.seconds = 0, 0.0
        if (work / "distil.checkpoint.pt").exists():
            saved = torch.load(work / "distil.checkpoint.pt", map_location="cpu", weights_only=True)
            self.student.load_state_dict(saved["student"])
            self.optimizer.load_state_dict(saved["optimizer"])
            self.step, self.seconds = saved["step"], saved["seconds"]

    def done(self) -> float:
        """How much of the run is behind us, 0 to 1."""
        return min(1.0, max(self.step / self.steps, self.seconds / (60 * self.minutes)))

    def save(self) -> None:
        """Write the checkpoint (to go on from) and the student alone (to try out)."""
        student = self.student.state_dict()
        state = {"student": student, "optimizer": self.optimizer.state_dict()}
        save_atomically({**state, "step": self.step, "seconds": self.seconds}, self.work / "distil.checkpoint.pt")
        save_atomically(student, self.work / "distilled.pt")

    def train_batch(self, texts: list[str], english: list[str]) -> float:
        """One step; returns its loss."""
        with torch.no_grad():
            target = embed(self.teacher, self.teacher_tokenizer, english)
        set_rate(self.optimizer, self.step, self.done())
        loss = distillation_loss(embed(self.student, self.tokenizer, texts), target)
        self.optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.student.parameters(), 1.0)
        self.optimizer.step()
        self.step += 1
        return loss.item()

    def run(self) -> None:
        """Train until done, with a checkpoint every three minutes."""
        size = BATCH_GPU if device().type == "cuda" else BATCH_CPU
        source = batches(self.segments, size, self.seed + self.step)
        last, saved, average = time.monotonic(), time.monotonic(), 0.0
        with tqdm(total=self.steps, initial=self.step, desc="distilling", mininterval=5) as bar:
            while self.done() < 1.0:
                loss = self.train_batch(*next(source))
                now = time.monotonic()
                self.seconds += now - last
                last = now
                average = loss if not average else 0.98 * average + 0.02 * loss
                bar.update()
                bar.set_postfix(loss=f"{average:.3f}", minutes=f"{self.seconds / 60:.1f}", refresh=False)
                if now - saved > CHECKPOINT_SECONDS:
                    self.save()
                    saved = now
        self.save()


def main() -> None:
    """Write ``WORK_DIR/distilled.pt``."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parallel", type=Path, help="folder with *.tsv.gz")
    parser.add_argument("work", type=Path, help="folder that holds tokenizer.json and start.pt")
    parser.add_argument("--minutes", type=float, default=40.0)
    parser.add_argument("--steps", type=int, default=3000)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    segments = load_segments(arguments.parallel)
    Distillation(segments, arguments.work, arguments.minutes, arguments.steps, arguments.seed).run()


if __name__ == "__main__":
    main()
