"""Step 4: phrases with the same need draw together, those of neighbouring services apart.

Supervised contrastive learning (Khosla et al. 2020) at temperature .07: each step holds a few ids with their nearest
neighbours (hard negatives: mangfoldsradgivere, helsesykepleier and kompetanseteamet, say) and some drawn at random,
two phrases each, in different languages where there are such. Beside it each id has a prototype that its phrases are
classified to (normalised softmax). Parallel pairs held to the English teacher keep it from forgetting.
Only things of one kind compete: services with services, topics with topics. Test questions are never read here.

    python -m training.finetune PARALLEL_DIR WORK_DIR PHRASES_DIR --steps 400
"""

from __future__ import annotations

import argparse
import random
from collections import defaultdict
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from tqdm import tqdm

from training.dialect import spoken
from training.distil import batches, distillation_loss, make_optimizer, save_atomically, set_rate
from training.noise import noisy
from training.own_phrases import Phrase, family, first_of_each, in_fold, load_phrases
from training.segments import load_segments
from training.student import device, embed, embed_by_length, encode, load_student, load_teacher, load_tokenizer

TEMPERATURE = 0.07
LEARNING_RATE, LEARNING_RATE_EMBEDDINGS, LEARNING_RATE_PROTOTYPES = 5e-5, 1.5e-4, 2e-3
SEEDS, NEIGHBOURS, RANDOM_IDS = 3, 3, 12
ANCHORS = 32
WEIGHT_ANCHORS, WEIGHT_PROTOTYPES = 2.0, 1.0
SHARE_DIALECT = 0.25
WARM_UP_STEPS = 30
MAX_TRAINING_PIECES = 96
CHECKPOINT_STEPS = 50


def supervised_contrastive_loss(vectors: Tensor, ids: Tensor, families: Tensor) -> Tensor:
    """Khosla's L_out over unit ``vectors`` (batch, 384); only texts of the same family are compared."""
    scores = vectors @ vectors.T / TEMPERATURE
    itself = torch.eye(len(vectors), dtype=torch.bool, device=vectors.device)
    compared = (families[:, None] == families[None, :]) & ~itself
    positive = (ids[:, None] == ids[None, :]) & ~itself
    log_chance = scores - scores.masked_fill(~compared, float("-inf")).logsumexp(1, keepdim=True)
    counts = positive.sum(1)
    has = counts > 0
    return -((log_chance * positive).sum(1)[has] / counts[has]).mean()


class Needs:
    """The phrases by id, the ids' nearest neighbours, and the drawing of a step's phrases."""

    def __init__(self, phrases: list[Phrase], seed: int) -> None:
        self.by_id: dict[str, list[Phrase]] = defaultdict(list)
        for phrase in phrases:
            self.by_id[phrase.id].append(phrase)
        self.ids = sorted(self.by_id)
        self.number = {id: n for n, id in enumerate(self.ids)}
        names = sorted({family(id) for id in self.ids})
        self.family = torch.tensor([names.index(family(id)) for id in self.ids])
        self.share = np.array([2.0 if family(id) == "service" else 1.0 for id in self.ids])
        self.share /= self.share.sum()
        self.near: list[list[int]] = [[] for _ in self.ids]
        self.rng = random.Random(seed)

    def find_neighbours(self, centroids: np.ndarray, most: int = 8) -> None:
        """Note for each id the ``most`` nearest others of its family, by ``centroids`` of shape (ids, 384)."""
        scores = centroids @ centroids.T
        scores[self.family.numpy()[:, None] != self.family.numpy()[None, :]] = -np.inf
        np.fill_diagonal(scores, -np.inf)
        for number, row in enumerate(scores):
            order = [int(other) for other in np.argsort(-row)[:most] if np.isfinite(row[other])]
            self.near[number] = order

    def draw(self) -> list[Phrase]:
        """Two phrases, in two languages where possible, for each id of one step."""
        numbers: dict[int, None] = {}
        for seed in self.rng.choices(range(len(self.ids)), weights=self.share.tolist(), k=SEEDS):
            numbers[seed] = None
            numbers.update(dict.fromkeys(self.rng.sample(self.near[seed], min(NEIGHBOURS, len(self.near[seed])))))
        numbers.update(dict.fromkeys(self.rng.choices(range(len(self.ids)), weights=self.share.tolist(), k=RANDOM_IDS)))
        drawn = []
        for number in numbers:
            pool = self.by_id[self.ids[number]]
            first = self.rng.choice(pool)
            others = [p for p in pool if p.language != first.language] if self.rng.random() < 0.5 else []
            drawn += [first, self.rng.choice(others or pool)]
        return drawn

    def said(self, phrase: Phrase) -> str:
        """The phrase as somebody may type it: noise, and for bokmål now and then a dialect."""
        text = phrase.text
        if phrase.language == "nb" and self.rng.random() < SHARE_DIALECT:
            text = spoken(text, self.rng)
        return noisy(text, self.rng)


class FineTuning:
    """The run: student, prototypes, teacher and their optimiser."""

    def __init__(self, needs: Needs, parallel: Path, work: Path, start: str, seed: int) -> None:
        torch.manual_seed(seed)
        self.needs, self.seed = needs, seed
        self.tokenizer = load_tokenizer(work / "tokenizer.json", MAX_TRAINING_PIECES)
        self.student = load_student(work / start, self.tokenizer.get_vocab_size()).to(device())
        self.teacher, self.teacher_tokenizer = load_teacher()
        self.teacher.to(device())
        self.segments = load_segments(parallel)
        self.prototypes = nn.Parameter(torch.from_numpy(self.centroids()).to(device()))
        self.optimizer = make_optimizer(self.student, LEARNING_RATE, LEARNING_RATE_EMBEDDINGS)
        rate = LEARNING_RATE_PROTOTYPES
        self.optimizer.add_param_group({"params": [self.prototypes], "lr": rate, "base": rate, "weight_decay": 0.0})

    def centroids(self) -> np.ndarray:
        """The mean vector of each id's phrases, unit length: float32, shape (ids, 384). Also finds the neighbours."""
        rows = []
        for id in self.needs.ids:
            mean = encode(self.student, self.tokenizer, [p.text for p in self.needs.by_id[id]]).mean(0)
            rows.append(mean / np.linalg.norm(mean))
        centroids = np.stack(rows).astype(np.float32)
        self.needs.find_neighbours(centroids)
        return centroids

    def prototype_loss(self, vectors: Tensor, ids: Tensor) -> Tensor:
        """Cross-entropy of each vector's own prototype among those of its family."""
        families = self.needs.family.to(vectors.device)
        scores = vectors @ functional.normalize(self.prototypes, dim=-1).T / TEMPERATURE
        scores = scores.masked_fill(families[ids][:, None] != families[None, :], float("-inf"))
        return functional.cross_entropy(scores, ids)

    def train_step(self, step: int, steps: int, foreign: list[str], english: list[str]) -> tuple[float, float]:
        """One step; returns the losses on phrases and on anchors."""
        phrases = self.needs.draw()
        with torch.no_grad():
            target = embed(self.teacher, self.teacher_tokenizer, english)
        set_rate(self.optimizer, step, step / steps, WARM_UP_STEPS)
        ids = torch.tensor([self.needs.number[p.id] for p in phrases], device=device())
        vectors = embed_by_length(self.student, self.tokenizer, [self.needs.said(p) for p in phrases])
        families = self.needs.family.to(ids.device)[ids]
        own = supervised_contrastive_loss(vectors, ids, families) + WEIGHT_PROTOTYPES * self.prototype_loss(vectors, ids)
        anchor = distillation_loss(embed(self.student, self.tokenizer, foreign), target)
        self.optimizer.zero_grad()
        (own + WEIGHT_ANCHORS * anchor).backward()
        torch.nn.utils.clip_grad_norm_(self.student.parameters(), 1.0)
        self.optimizer.step()
        return own.item(), anchor.item()

    def run(self, steps: int, target: Path) -> None:
        """Train for ``steps`` (going on from a checkpoint beside ``target``) and write the student there."""
        checkpoint = target.with_suffix(".checkpoint.pt")
        first = 0
        if checkpoint.exists():
            saved = torch.load(checkpoint, map_location="cpu", weights_only=True)
            self.student.load_state_dict(saved["student"])
            self.prototypes.data = saved["prototypes"].to(device())
            self.optimizer.load_state_dict(saved["optimizer"])
            first = saved["step"]
        self.needs.rng.seed(self.seed + first)
        source = batches(self.segments, ANCHORS, self.seed + first)
        self.student.train()
        with tqdm(range(first, steps), initial=first, total=steps, desc="fine-tuning", mininterval=5) as bar:
            for step in bar:
                own, anchor = self.train_step(step, steps, *next(source))
                bar.set_postfix(own=f"{own:.2f}", anchor=f"{anchor:.3f}", refresh=False)
                if (step + 1) % CHECKPOINT_STEPS == 0:
                    state = {"student": self.student.state_dict(), "prototypes": self.prototypes.data, "step": step + 1}
                    save_atomically(state | {"optimizer": self.optimizer.state_dict()}, checkpoint)
        save_atomically(self.student.state_dict(), target)
        checkpoint.unlink(missing_ok=True)


def main() -> None:
    """Write ``WORK_DIR/finetuned.pt``, or with ``--fold`` a student that has not seen that fifth of the phrases."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parallel", type=Path, help="folder with *.tsv.gz")
    parser.add_argument("work", type=Path, help="folder that holds tokenizer.json and distilled.pt")
    parser.add_argument("phrases", type=Path, help="folder with one <id>.yml an id")
    parser.add_argument("--start", default="distilled.pt", help="which state to begin with")
    parser.add_argument("--target", default="finetuned.pt", help="which state to write")
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--most", type=int, help="only so many phrases of each id")
    parser.add_argument("--fold", type=int, help="hold out this fifth of the phrases, 0 to 4")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    phrases = first_of_each(load_phrases(arguments.phrases), arguments.most)
    if arguments.fold is not None:
        phrases, _ = in_fold(phrases, arguments.fold)
    run = FineTuning(Needs(phrases, arguments.seed), arguments.parallel, arguments.work, arguments.start, arguments.seed)
    run.run(arguments.steps, arguments.work / arguments.target)


if __name__ == "__main__":
    main()
