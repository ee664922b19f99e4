"""Every setting of the guide, each described once. The README's table is held to this file by a test."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from knowledge.freshness import Freshness

ROOT = Path(__file__).resolve().parent.parent
SHORTEST_SECRET = 16
SMALLEST_GROUP = 20


class Settings(BaseSettings):
    """Read from the environment; names are these with VEIVISER_ before them, in capitals."""

    model_config = SettingsConfigDict(env_prefix="VEIVISER_", extra="ignore", env_ignore_empty=True)

    host: str = Field("127.0.0.1", description="Address the app listens on.")
    port: int = Field(8000, ge=0, le=65535, description="Port the app listens on; 0 takes a free one.")
    bot_url: str = Field(
        "http://127.0.0.1:5005",
        description="Where the bot answers; `run` starts one there, on loopback. Several (commas between) share the turns.",
    )
    redis_url: str = Field(
        "", repr=False, validate_default=True,
        description="Redis where several bots and apps share conversations, e.g. redis://:password@host:6379/0.",
    )  # fmt: skip
    bot_secret: str = Field(
        "", description="Secret between app and bot, at least 16 characters; a random one is made when it is empty."
    )
    bot_timeout_seconds: float = Field(
        1.2, gt=0, le=30, description="Longest wait for the bot in a turn, its queue included; after that the search answers."
    )
    bot_dir: Path = Field(ROOT / "bot", description="Folder of the bot that `run` starts.")
    encoder: str | None = Field(
        None, description="Another sentence-transformers model (folder or hub id); empty: the one that comes with the project."
    )
    conversation_minutes: float = Field(30.0, gt=0, le=1440, description="How long a silent conversation is remembered.")
    allowed_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Origins of portals that may embed the guide, with commas between, e.g. https://example.org."
    )
    rate_limit_per_minute: int = Field(
        600, ge=0, description="Requests a minute from one address; a whole school may share one. 0 turns it off."
    )
    max_body_bytes: int = Field(65536, ge=1024, description="Largest request body.")
    contact_days: int = Field(
        180, gt=0, description="Days a contact and its hours count as current after they were checked."
    )
    law_days: int = Field(365, gt=0, description="The same for rules of law and age limits.")
    description_days: int = Field(730, gt=0, description="The same for everything else.")
    public_url: str = Field(
        "", description="Address of the guide as others reach it, for links in open data; empty: as the request names it."
    )
    topic_group: int = Field(
        0, ge=0, description="Counts in /metrics this week's talks by topic, in whole groups of so many (20 or more); 0: never."
    )
    exit_url: str = Field("https://www.yr.no/", description="Neutral page that the exit button opens.")
    cache_dir: Path = Field(ROOT / ".cache", description="Folder for the learned search index; it may be emptied at any time.")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="How much the log says.")

    @field_validator("bot_secret")
    @classmethod
    def _long_or_random(cls, value: str) -> str:
        if value and len(value) < SHORTEST_SECRET:
            raise ValueError(f"must have at least {SHORTEST_SECRET} characters; leave it empty for a random one")
        return value or secrets.token_urlsafe(32)

    @field_validator("topic_group")
    @classmethod
    def _nobody_alone(cls, value: int) -> int:
        if 0 < value < SMALLEST_GROUP:
            raise ValueError(f"must be 0 or at least {SMALLEST_GROUP}: a smaller group could tell of somebody")
        return value

    @field_validator("bot_url")
    @classmethod
    def _no_slash_at_end(cls, value: str) -> str:
        urls = [url.rstrip("/") for url in value.replace(",", " ").split()]
        if not urls or not all(url.startswith(("http://", "https://")) for url in urls):
            raise ValueError("must start with http:// or https://")
        return ",".join(urls)

    @field_validator("public_url")
    @classmethod
    def _address_or_nothing(cls, value: str) -> str:
        if value and not value.startswith(("http://", "https://")):
            raise ValueError("must start with http:// or https://")
        return value.rstrip("/")

    @field_validator("redis_url")
    @classmethod
    def _redis_for_several(cls, value: str, others: ValidationInfo) -> str:
        if value and not value.startswith(("redis://", "rediss://")):
            raise ValueError("must start with redis:// or rediss://")
        if not value and "," in others.data.get("bot_url", ""):
            raise ValueError("is needed when VEIVISER_BOT_URL names several bots: they share conversations there")
        return value

    @property
    def freshness(self) -> Freshness:
        """How long facts count as current."""
        return Freshness(self.contact_days, self.law_days, self.description_days)

    @property
    def bot_urls(self) -> tuple[str, ...]:
        """Where each bot answers."""
        return tuple(self.bot_url.split(","))

    @field_validator("allowed_origins", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        return tuple(value.replace(",", " ").split()) if isinstance(value, str) else value

    @field_validator("allowed_origins")
    @classmethod
    def _origins_only(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for origin in value:
            scheme, _, host = origin.partition("://")
            if scheme not in ("http", "https") or not host or set(host) & set("/;,' *"):
                raise ValueError("must be origins such as https://example.org, without a path and without *")
        return value


def settings_table() -> str:
    """Every setting as a Markdown table, for the README."""
    rows = ["| Setting | Default | What it is |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        default = field.default
        if isinstance(default, Path):
            default = f"{default.relative_to(ROOT)}/"
        if isinstance(default, float) and default.is_integer():
            default = int(default)
        shown = f"`{default}`" if default not in (None, "", ()) else "–"
        rows.append(f"| `VEIVISER_{name.upper()}` | {shown} | {field.description} |")
    return "\n".join(rows)
