"""What the pages say, by language: a folder each in `messages/` with a file for each page, so that another
language is another folder."""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

_MESSAGES: Final = Path(__file__).parent.with_name("messages")
DEFAULT: Final = "en"
_RANGE: Final = re.compile(r"\s*([a-zA-Z]{2,3})(?:-[\w-]+)?\s*(?:;\s*q\s*=\s*([\d.]+))?\s*")


class Words:
    """The words of one language: `words("sign_in.title")`. Values for `{name}` in it are given by name."""

    def __init__(self, language: str, texts: Mapping[str, str]) -> None:
        self.language = language
        self.texts = texts

    def __call__(self, key: str, **values: Any) -> str:
        """The text. Raises KeyError for a key that the catalogue has not."""
        return self.texts[key].format(**values) if values else self.texts[key]

    def part(self, name: str) -> dict[str, str]:
        """All texts of a part, by key: for scripts, which fill in `{name}` themselves."""
        start = f"{name}."
        return {key.removeprefix(start): text for key, text in self.texts.items() if key.startswith(start)}


@cache
def languages() -> tuple[str, ...]:
    """The languages there are, as two or three letters; English first."""
    found = sorted(path.name for path in _MESSAGES.iterdir() if path.is_dir())
    return (DEFAULT, *(each for each in found if each != DEFAULT))


@cache
def words(language: str) -> Words:
    """The catalogue of one of these languages; `language.name` is what it calls itself."""
    found: dict[str, str] = {}
    for path in sorted((_MESSAGES / language).glob("*.toml")):
        for part, texts in tomllib.loads(path.read_text("utf-8")).items():
            found |= {f"{part}.{key}": text for key, text in texts.items()}
    return Words(language, found)


def chosen(cookie: str | None, accepted: str) -> Words:
    """The user's own choice if we have it, else the best of what the browser accepts, else English."""
    if cookie in languages():
        return words(cookie or DEFAULT)
    ranked: list[tuple[float, str]] = []
    for part in accepted[:500].split(","):
        if (found := _RANGE.fullmatch(part)) and found[1].lower() in languages():
            quality = found[2] or "1"
            ranked.append(
                (float(quality) if re.fullmatch(r"[01](\.\d{1,3})?", quality) else 0.0, found[1].lower())
            )
    best = max(ranked, key=lambda each: each[0], default=(0.0, DEFAULT))
    return words(best[1] if best[0] > 0 else DEFAULT)
