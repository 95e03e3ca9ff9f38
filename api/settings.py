"""Settings: defaults < `callboard.toml` in the data directory < environment (`CALLBOARD_*`) < command line.

A key that is not known is an error that names it: a misspelt setting that silently does nothing is worse.
"""

import difflib
import os
import re
import secrets
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta

PREFIX = "CALLBOARD_"
FILE = "callboard.toml"
# Not settings of the application, but ours all the same.
OTHER_VARIABLES = (
    "CALLBOARD_PG_BIN",
    "CALLBOARD_TEST_DATABASE_URL",
    "CALLBOARD_TEST_CHROMIUM",
    "CALLBOARD_TEST_SCREENS",
    # How much the suite does: see `make crash`, `fuzz`, `histories`, `races`, `soak`, `ways`.
    "CALLBOARD_CRASH_KILLS",
    "CALLBOARD_FUZZ_CASES",
    "CALLBOARD_HISTORIES",
    "CALLBOARD_MODEL_STEPS",
    "CALLBOARD_RACE_ROUNDS",
    "CALLBOARD_RACE_SLOTS",
    "CALLBOARD_TEST_WAYS",
)
SECRET_BYTES = 32
ORIGIN = re.compile(r"https?://[a-z0-9.\-\[\]:]+", re.ASCII)

Milliseconds = Annotated[int, Meta(ge=0, le=3_600_000)]


class SettingsError(Exception):
    """A setting is unknown or wrong; the message names it and where it came from."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What the process was told, checked. Times are milliseconds; 0 switches a time-out off."""

    data_dir: Path
    database_url: str | None = None  # None: the embedded PostgreSQL
    host: Annotated[str, Meta(min_length=1)] = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535)] = 8000  # 0: any free one
    cors_origins: tuple[str, ...] = ()
    pool_size: Annotated[int, Meta(ge=1, le=1000)] = 16
    statement_timeout_ms: Milliseconds = 15_000
    lock_timeout_ms: Milliseconds = 5_000
    idle_in_transaction_timeout_ms: Milliseconds = 30_000
    prepare_threshold: Annotated[int, Meta(ge=0)] | None = 5  # None ("off") behind a transaction pooler
    messages_dir: str | None = None  # more languages of the pages, a folder each
    secret: str | None = None  # None: kept in the data directory, see `local_secret`
    # Off is for tests only: it leaves out the application's own check, so that they can show that the
    # database's constraint alone lets nobody hold a room or creator twice.
    conflict_check: bool = True

    def __repr__(self) -> str:
        """Without what must not reach a log."""
        shown = {name: getattr(self, name) for name in self.__struct_fields__}
        for name in ("secret", "database_url"):
            shown[name] = shown[name] and "***"
        return f"Settings({', '.join(f'{name}={value!r}' for name, value in shown.items())})"


def load(environ: Mapping[str, str] = os.environ, **given: Any) -> Settings:
    """The settings of this process; `given` (None means not given) wins over everything else.

    Raises SettingsError.
    """
    values: dict[str, Any] = {}
    named: dict[str, str] = {}  # field -> what to call it in a message
    variables = _variables(environ)
    given = {name: value for name, value in given.items() if value is not None}
    data_dir = Path(given.get("data_dir") or variables.get("data_dir") or _default_data_dir(environ))
    data_dir = data_dir.expanduser().absolute()
    for name, value in _file(data_dir / FILE).items():
        values[name], named[name] = value, f"{name} in {data_dir / FILE}"
    for name, text in variables.items():
        values[name], named[name] = _from_text(name, text), PREFIX + name.upper()
    for name, value in given.items():
        values[name], named[name] = value, f"--{name.replace('_', '-')}"
    settings = _convert(values | {"data_dir": data_dir}, named)
    _check(settings, named)
    return settings


def local_secret(data_dir: Path) -> str:
    """The key that signs tokens on this machine: made on first use, readable by its owner only.

    Raises SettingsError when the directory cannot be written or the file holds no key.
    """
    path = data_dir / "secret"
    try:
        if not path.exists():
            data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
            _make_secret(path)
        secret = path.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} cannot be used: {error}") from None
    if len(secret) < SECRET_BYTES:
        raise SettingsError(f"{path} is too short for a key; remove it and a new one is made")
    return secret


def _make_secret(path: Path) -> None:
    """Written aside and linked into place, so another process sees the whole key or none, and one of two
    that start at once wins."""
    aside = path.with_name(f".secret-{os.getpid()}-{secrets.token_hex(4)}")
    descriptor = os.open(aside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(SECRET_BYTES) + "\n")
            file.flush()
            os.fsync(file.fileno())
        path.hardlink_to(aside)
    except FileExistsError:
        return
    finally:
        aside.unlink()


def _default_data_dir(environ: Mapping[str, str]) -> Path:
    base = environ.get("XDG_DATA_HOME") or "~/.local/share"
    return Path(base) / "callboard"


def _variables(environ: Mapping[str, str]) -> dict[str, str]:
    """Ours among the environment, by field; an empty one counts as not set."""
    found: dict[str, str] = {}
    for key, value in environ.items():
        if not key.startswith(PREFIX) or key in OTHER_VARIABLES:
            continue
        name = key.removeprefix(PREFIX).lower()
        if name not in Settings.__struct_fields__ or key != key.upper():
            raise SettingsError(f"{key} is not a setting{_suggest(name, Settings.__struct_fields__, PREFIX)}")
        if value.strip():
            found[name] = value.strip()
    return found


def _file(path: Path) -> dict[str, Any]:
    try:
        found = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path} cannot be read: {error}") from None
    known = [
        field for field in Settings.__struct_fields__ if field != "data_dir"
    ]  # it lies in that directory
    for name in found:
        if name not in known:
            raise SettingsError(f"{name} in {path} is not a setting{_suggest(name, known)}")
    return found


def _from_text(name: str, text: str) -> Any:
    """A variable's text as the shape the field wants."""
    if name == "cors_origins":
        return [origin.strip() for origin in text.split(",") if origin.strip()]
    if name == "prepare_threshold" and text.lower() in ("off", "none"):
        return None
    if name == "conflict_check":
        return {"on": True, "off": False}.get(text.lower(), text)
    return text


def _convert(values: dict[str, Any], named: Mapping[str, str]) -> Settings:
    try:
        return msgspec.convert(values, Settings, strict=False)
    except msgspec.ValidationError as error:
        what, _, where = str(error).partition(" - at `$.")
        name = re.split(r"\W", where)[0]
        raise SettingsError(f"{named.get(name, name)}: {what[0].lower()}{what[1:]}") from None


def _check(settings: Settings, named: Mapping[str, str]) -> None:
    for origin in settings.cors_origins:
        if not ORIGIN.fullmatch(origin):
            raise SettingsError(
                f"{named['cors_origins']}: {origin!r} is not an origin such as https://planner.example:8443;"
                " name each one, a wildcard would let any site act for its visitor"
            )
    if settings.messages_dir is not None and not Path(settings.messages_dir).is_dir():
        raise SettingsError(f"{named['messages_dir']}: {settings.messages_dir} is no directory")
    if settings.secret is not None and len(settings.secret.encode()) < SECRET_BYTES:
        raise SettingsError(f"{named['secret']}: at least {SECRET_BYTES} bytes")


def _suggest(name: str, known: Iterable[str], prefix: str = "") -> str:
    for close in difflib.get_close_matches(name, known, n=1):
        return f"; did you mean {prefix + close.upper() if prefix else close}?"
    return ""
