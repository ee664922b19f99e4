"""Names that stay the same over time: a UUID or an address part for each thing an export tells of."""

from __future__ import annotations

import re
import unicodedata
import uuid
from collections import Counter
from collections.abc import Sequence

from knowledge.facts import Contact

_LETTERS = str.maketrans({"æ": "ae", "ø": "o", "å": "a", "ð": "d", "þ": "th", "§": "paragraf"})
#: Never changes: every UUID of every export is made from it.
NAMESPACE = uuid.UUID("6d3f0a52-7a0b-5f0e-9c63-3d8b1f6a4c21")


def uuid_of(kind: str, *parts: object) -> str:
    """The UUID of a thing: the same kind and parts give the same UUID everywhere and always."""
    return str(uuid.uuid5(NAMESPACE, "/".join((kind, *(str(part) for part in parts)))))


def contact_keys(contacts: Sequence[Contact]) -> list[str]:
    """A key for each contact, unique within its service, from kind and value: its place in the file may change.

    What a visit says of the place stands in no key, because keys stand in addresses.
    """
    seen: Counter[str] = Counter()
    keys = []
    for contact in contacts:
        key = contact.kind if contact.kind == "visit" else f"{contact.kind}-{slug(contact.value)}"
        seen[key] += 1
        keys.append(key if seen[key] == 1 else f"{key}-{seen[key]}")
    return keys


def slug(text: str) -> str:
    """A text as a part of an address: a to z, digits, and hyphens between words."""
    plain = unicodedata.normalize("NFKD", text.lower().translate(_LETTERS))
    return "-".join(re.findall("[a-z0-9]+", plain.encode("ascii", "ignore").decode()))
