"""What the pages say, by language: a folder each in `messages/` with a file for each page, so that another
language is another folder. An installation may add folders of its own (`CALLBOARD_MESSAGES`)."""

import re
import tomllib
from collections.abc import Mapping
from functools import cached_property, lru_cache
from pathlib import Path
from string import Formatter
from typing import Any, Final

_MESSAGES: Final = Path(__file__).parent.with_name("messages")
DEFAULT: Final = "en"
_NAME: Final = re.compile(r"[a-z]{2,3}")
_RANGE: Final = re.compile(r"\s*([a-zA-Z]{2,3})((?:-[a-zA-Z0-9]{1,8})*)\s*(?:;\s*q\s*=\s*([\d.]+))?\s*")
_QUALITY: Final = re.compile(r"[01](\.\d{1,3})?")
_REGION: Final = re.compile(r"-([a-zA-Z]{2})(?=-|$)")


class Words:
    """The words of one language: `words("sign_in.title")`. Values for `{name}` in it are given by name. What
    a language has no text for is said in English; `own` holds the keys that it has."""

    def __init__(self, language: str, texts: Mapping[str, str], otherwise: Mapping[str, str]) -> None:
        self.language = language
        self.texts = {**otherwise, **texts}
        self.own = frozenset(texts)

    def __call__(self, key: str, **values: Any) -> str:
        """The text. Raises KeyError for a key that the catalogue has not."""
        return self.texts[key].format(**values) if values else self.texts[key]

    def text(self, key: str, **values: Any) -> str:
        """The text of this language itself; empty where it has none."""
        return self(key, **values) if key in self.own else ""

    def part(self, name: str) -> dict[str, str]:
        """All texts of a part, by key: for scripts, which fill in `{name}` themselves."""
        start = f"{name}."
        return {key.removeprefix(start): text for key, text in self.texts.items() if key.startswith(start)}


class Catalogue:
    """All languages there are: ours, and those of a directory laid out alike, which may also put other texts
    in place of ours."""

    def __init__(self, more: str | None = None) -> None:
        self._directories = [_MESSAGES, *([Path(more)] if more else [])]
        self._read: dict[str, Words] = {}

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """As two or three letters; English first."""
        found = {
            path.name
            for directory in self._directories
            for path in directory.iterdir()
            if path.is_dir() and _NAME.fullmatch(path.name)
        }
        return (DEFAULT, *sorted(found - {DEFAULT}))

    def words(self, language: str) -> Words:
        """The words of one of these languages; `language.name` is what it calls itself.

        Raises ValueError for a file that is not TOML, or has other than parts with texts.
        """
        if language not in self._read:
            otherwise = {} if language == DEFAULT else self.words(DEFAULT).texts
            own: dict[str, str] = {}
            for directory in self._directories:
                for path in sorted((directory / language).glob("*.toml")):
                    own |= _texts(path)
            # A language that doesn't say what it is called is called by its letters.
            own.setdefault("language.name", language)
            self._read[language] = Words(language, own, otherwise)
        return self._read[language]

    def check(self) -> None:
        """Raises ValueError, naming the file or text, for what can't be read, and for a value in `{}` that
        the English text has not."""
        english = {key: _values(text) for key, text in self.words(DEFAULT).texts.items()}
        for language in self.languages:
            for key, text in self.words(language).texts.items():
                if strange := _values(text) - english.get(key, _values(text)):
                    raise ValueError(f"{language}: {key} has no {{{min(strange)}}}")

    def chosen(self, cookie: str | None, accepted: str) -> Words:
        """The user's own choice if we have it, else the best of what the browser accepts, else English."""
        if cookie in self.languages:
            return self.words(cookie or DEFAULT)
        return self.words(next((each for each, _ in ranges(accepted) if each in self.languages), DEFAULT))


BUILT_IN: Final = Catalogue()
"""The languages of the package."""


@lru_cache(maxsize=256)
def ranges(accepted: str) -> tuple[tuple[str, str], ...]:
    """What an `Accept-Language` takes, the best first: languages in small letters, with their regions in
    capitals, or without."""
    ranked: list[tuple[float, str, str]] = []
    for part in accepted[:500].split(","):
        if found := _RANGE.fullmatch(part):
            quality = float(found[3]) if found[3] and _QUALITY.fullmatch(found[3]) else float(not found[3])
            region = _REGION.search(found[2])
            ranked.append((quality, found[1].lower(), region[1].upper() if region else ""))
    ranked.sort(key=lambda each: -each[0])
    return tuple((language, region) for quality, language, region in ranked if quality > 0)


def _values(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def _texts(path: Path) -> dict[str, str]:
    try:
        parts = tomllib.loads(path.read_text("utf-8"))
        return {f"{part}.{key}": _text(text) for part, texts in parts.items() for key, text in texts.items()}
    except (ValueError, AttributeError) as error:
        raise ValueError(f"{path}: {error}") from None


def _text(found: Any) -> str:
    if not isinstance(found, str):
        raise ValueError(f"{found!r} is no text")  # noqa: TRY004 - the caller's file, not a type of ours
    return found
