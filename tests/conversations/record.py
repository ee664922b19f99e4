"""Writes docs/conversations.md: six whole conversations as they really ran. Needs a running guide (make run).

    .venv/bin/python tests/conversations/record.py --url http://127.0.0.1:8000
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

Json = dict[str, Any]
PAGE = Path(__file__).parents[2] / "docs" / "conversations.md"
#: Title → what the person writes.
SCRIPTS: dict[str, list[str]] = {
    "A pupil who is afraid of the summer (bokmål)": [
        "hei", "familien min sier vi skal til Pakistan i sommer og jeg tror de vil gifte meg bort", "jeg er 16",
        "får foreldrene mine vite det hvis jeg snakker med dem?", "og hva kan jeg gjøre før vi eventuelt reiser?",
        "takk, kan du slette dette nå",
    ],
    "A friend who is kept abroad (nynorsk)": [
        "venninna mi blir halden igjen i Somalia, dei har teke passet hennar", "ho er 19", "kan 112 hjelpe henne der?",
        "kven betaler billetten heim?", "kva om ho ikkje kan ringe?",
    ],
    "A teacher looks up a referral (bokmål)": [
        "jeg er kontaktlærer. en elev på 15 har sluttet å komme på trening og broren henter henne hver dag",
        "vi har ikke mangfoldsrådgiver", "kan jeg drøfte saken anonymt?", "har jeg meldeplikt?",
        "hvilket tiltak i planen handler om mangfoldsrådgivere?",
    ],
    "Danger in the middle, and a correction (dialect)": [
        "æ får itj gå ut uten broren min", "han står utafor døra mi no med kniv", "nei det va bare tull, han har gått",
        "kem kan æ snakk med uten at dæm får vite det",
    ],
    "Someone who wants to find and watch (bokmål)": [
        "hvilket krisesenter bor kona mi på?", "kan du si meg om hun har skrevet her?", "jeg er bare bekymret for henne",
        "hva skjer på familievernkontoret?",
    ],
    "Leaving, step by step (English)": [
        "my husband controls everything I do and my residence permit depends on him", "will I lose my permit if I leave?",
        "where can I go tonight with my kids?", "is it free?", "do they have interpreters?", "are you a real person?",
    ],
}  # fmt: skip


def lines(message: Json) -> Iterator[str]:
    """A message of the guide as lines of a page."""
    kind = message["type"]
    if kind == "text":
        yield message["text"]
    elif kind == "urgent":
        numbers = ", ".join(f"{c['name']}: **{c['value']}**" for c in message["contacts"])
        yield f"**{message['text']}** {numbers}"
    elif kind == "services":
        for service in message["services"]:
            contact = next(iter(service["contacts"]), None)
            way = f" – {contact['label']}: {contact['value']}" if contact else ""
            why = f" *({' '.join(service['why'])})*" if service["why"] else ""
            yield f"▸ **{service['name']}**{way}{why}"
    elif kind == "choices":
        yield "  ".join(f"[{choice['title']}]" for choice in message["choices"])
    elif kind == "topic":
        yield f"▸ *{message['topic']['title']}* ({message['topic']['url']})"
    elif kind == "measure":
        yield f"▸ *{message['measure']['title']}* – {message['measure']['status_name']} ({message['measure']['url']})"


def play(client: httpx.Client, said: list[str]) -> Iterator[str]:
    """The page's lines of one conversation. Raises httpx.HTTPError when the guide does not answer."""
    id: str | None = None
    for text in said:
        answer = client.post("/api/v1/chat", json={"conversation_id": id, "text": text, "language": None})
        answer.raise_for_status()
        body = answer.json()
        if body["degraded"]:
            raise RuntimeError("the bot did not answer; the page is not written")
        id = body["conversation_id"]
        yield f"> {text}\n"
        for message in body["messages"]:
            for line in lines(message):
                yield line.replace("\n", "<br>") + "\n"
    client.delete(f"/api/v1/chat/{id}")


def main() -> int:
    """Plays all and writes the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    options = parser.parse_args()
    today = dt.date.today().isoformat()
    page = [
        "# Six whole conversations, as they really ran\n",
        f"Played against a running guide on {today} by `python tests/conversations/record.py`, and not touched up: what is",
        "weak shows. Quotes are the person; the rest is the guide. ▸ is a card, […] a button.\n",
    ]
    with httpx.Client(base_url=options.url, timeout=30) as client:
        for title, said in SCRIPTS.items():
            page += [f"## {title}\n", *play(client, said)]
    PAGE.write_text("\n".join(page), encoding="utf-8")
    print(PAGE)
    return 0


if __name__ == "__main__":
    sys.exit(main())
