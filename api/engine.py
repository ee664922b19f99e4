"""The search, loaded once and kept on disk so that the next start is quick; and replaced all or nothing on reload.

The cached index is keyed by the content, the encoder and the code that learned it. A broken or foreign cache is made anew.
"""

from __future__ import annotations

import hashlib
import logging
import os
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import joblib
import numpy
import sklearn
from threadpoolctl import threadpool_limits

import knowledge
from knowledge.answering import AnswerFinder
from knowledge.encoders import Encoder, EncoderError, LettersOnly, load_encoder
from knowledge.index import Index
from knowledge.library import Library
from knowledge.load import load_library
from knowledge.mistakes import KnowledgeError

log = logging.getLogger("veiviser.engine")
KEPT_FILES = 3
Say = Callable[[str], None]


class Engine:
    """The library, and the index when it is ready. Handed to everyone who searches."""

    def __init__(self, library: Library, index: Index | None = None) -> None:
        self.library, self.index = library, index
        self.encoder_problem: str | None = None
        #: How often the content was read again, and why the last time came to nothing.
        self.reloads = 0
        self.reload_problem: str | None = None
        self._changing = threading.Lock()

    @property
    def version(self) -> str:
        """The content's version."""
        return self.library.version

    def prepare(self, encoder_name: str | None, cache_dir: Path, say: Say) -> None:
        """Loads the encoder and the index. Without the encoder the search goes on by letters alone, and says so."""
        with self._changing:
            encoder, problem = _encoder_or_letters(encoder_name)
            index = load_index(self.library, encoder, cache_dir, say)
            with suppress(Exception):
                index.search("jeg trenger hjelp")  # the first search costs ten times the next one; so no person makes it
            self.index, self.encoder_problem = index, problem
        threadpool_limits(1)  # one question is small: helpers of the arithmetic only get in each other's way

    def reload(self, encoder_name: str | None, cache_dir: Path, say: Say) -> None:
        """Reads the content again. Raises KnowledgeError and keeps everything as it was when there is a mistake in it."""
        with self._changing:
            try:
                library = load_library(freshness=self.library.freshness)
                encoder = self.index.encoder if self.index else _encoder_or_letters(encoder_name)[0]
                self.index = load_index(library, encoder, cache_dir, say)
                self.library, self.reload_problem = library, None
            except KnowledgeError as error:
                self.reload_problem = f"the content has {len(error.mistakes)} mistakes, which `veiviser check` names."
                raise
            except Exception as error:
                self.reload_problem = f"the index cannot be made ({type(error).__name__})."
                raise
            finally:
                self.reloads += 1


def _encoder_or_letters(name: str | None) -> tuple[Encoder, str | None]:
    try:
        encoder = load_encoder(name)
        encoder.encode(["hei"])
    except EncoderError as error:
        log.error("the encoder cannot be loaded; searching by letters alone")
        return LettersOnly(), str(error)
    except Exception as error:  # noqa: BLE001  whatever is wrong with a model, the search must go on
        log.error("the encoder does not work; searching by letters alone", extra={"kind": type(error).__name__})
        return LettersOnly(), f"The encoder does not work ({type(error).__name__})."
    return encoder, None


def load_index(library: Library, encoder: Encoder, cache_dir: Path, say: Say) -> Index:
    """The index from the cache, or learned now and put there."""
    key = index_key(library, encoder)
    index = _learned_index(library, encoder, cache_dir / f"index-{key}.joblib", say)
    index.answers = _answers(index, cache_dir / f"answers-{key}-{library.version}.joblib")
    return index


def _answers(index: Index, file: Path) -> AnswerFinder:
    with suppress(Exception):  # a cache that cannot be read is made anew
        return AnswerFinder(index.library.answers, index.encoder, joblib.load(file))
    answers = AnswerFinder(index.library.answers, index.encoder)
    with suppress(OSError):
        _write(answers.asked, file)
    return answers


def _learned_index(library: Library, encoder: Encoder, file: Path, say: Say) -> Index:
    with suppress(Exception):  # a cache that cannot be read is made anew
        return Index.from_learned(library, encoder, joblib.load(file))
    say("Making the search index ready; this takes a minute or two the first time …")
    started = time.monotonic()
    with _Ticking(say):
        index = Index.from_library(library, encoder)
    say(f"The search index is ready ({time.monotonic() - started:.0f} s).")
    try:
        _write(index.learned, file)
    except OSError as error:
        log.warning(
            "the search index cannot be kept on disk; the next start learns it again", extra={"kind": type(error).__name__}
        )
    return index


def index_key(library: Library, encoder: Encoder) -> str:
    """What an index is made of, as a short hash: the content, the encoder and the code that learns."""
    digest = hashlib.sha256()
    for part in (library.learned_from, encoder.name, sklearn.__version__, numpy.__version__):
        digest.update(part.encode())
    folder = Path(knowledge.__file__).parent
    for name in ("index", "features", "ranker", "gate", "phrases", "text", "encoders"):
        digest.update((folder / f"{name}.py").read_bytes())
    return digest.hexdigest()[:16]


def _write(parts: Any, file: Path) -> None:
    """Whole or not at all; old ones go."""
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=".new-")
    os.close(descriptor)
    try:
        joblib.dump(parts, name, compress=("zlib", 1))
        os.replace(name, file)
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise
    alike = file.parent.glob(f"{file.name.partition('-')[0]}-*.joblib")
    for other in sorted(alike, key=lambda f: f.stat().st_mtime, reverse=True)[KEPT_FILES:]:
        with suppress(OSError):
            other.unlink()


class _Ticking:
    """Says every few seconds that work goes on."""

    def __init__(self, say: Say, seconds: float = 5.0) -> None:
        self._say, self._seconds = say, seconds
        self._done = threading.Event()

    def __enter__(self) -> None:
        self._started = time.monotonic()
        threading.Thread(target=self._run, daemon=True).start()

    def __exit__(self, *_: object) -> None:
        self._done.set()

    def _run(self) -> None:
        while not self._done.wait(self._seconds):
            self._say(f"… {time.monotonic() - self._started:.0f} s")
