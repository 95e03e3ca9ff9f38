"""`callboard audit`: the log as a story, a stream as it was, and whether the chain is whole. Reads nothing
but the log."""

import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import click
import msgspec
from rich_click import RichGroup

from api import replaying, trail
from api.cli.options import Instant, Point, options
from api.cli.printing import answer, answer_each, table
from api.cli.session import opened_log
from api.replaying import Rebuilt
from api.retelling import Teller
from domain.errors import NotFound
from domain.event_log import EventLog, verify_chain
from domain.events import Positioned

_POLL_SECONDS = 0.5


@click.group(cls=RichGroup)
def audit() -> None:
    """Who did what, when and why; replay it; verify it."""


@audit.command("log")
@click.option("--stream", metavar="ID", help="Only this schedule, show, row or import.")
@click.option("--cause", metavar="ID", help="Only what this change, import or bulk run did.")
@click.option("--actor", metavar="EMAIL|ID", help="Only what this person did.")
@click.option(
    "--since", type=Instant(), metavar="WHEN", help="From then on: 2026-05-01T09:00Z, or 2h ago as 2h."
)
@click.option("--until", type=Instant(), metavar="WHEN", help="Up to then, excluding it.")
@click.option("--limit", type=click.IntRange(1, 1_000_000), metavar="N", help="Only the newest N.")
@click.option("--follow", "-f", is_flag=True, help="Go on with what happens next, until Ctrl-C.")
@options
def audit_log(
    *,
    stream: str | None,
    cause: str | None,
    actor: str | None,
    since: datetime | None,
    until: datetime | None,
    limit: int | None,
    follow: bool,
) -> None:
    """Who did what, when, from where and why, before and after: one line an event, oldest first.
    With --json one document a line."""
    with opened_log() as log:
        actors = None if actor is None else trail.users_called(log.pool, actor) or [actor]
        asked = trail.Asked(stream=stream, cause=cause, actors=actors, since=since, until=until)
        teller = Teller(log)
        for batch in _told(log, asked, limit, follow=follow):
            for positioned, told in zip(batch, teller.tell(batch), strict=True):
                answer_each(
                    trail.shown(positioned, told.changes),
                    lambda positioned=positioned, told=told: trail.line(positioned, told),
                )


@audit.command()
@click.argument("stream")
@click.option(
    "--to-version", type=Point(), metavar="N", help="After event N, or `v2`: as version 2 froze it."
)
@click.option("--at", "instant", type=Instant(), metavar="WHEN", help="As it was then.")
@click.option("--diff", "since", type=Point(), metavar="M", help="Only what changed since event M, or `v1`.")
@options
def replay(stream: str, to_version: str | None, instant: datetime | None, since: str | None) -> None:
    """The state of STREAM (a schedule, row or import), rebuilt from its events alone."""
    if to_version is not None and instant is not None:
        raise click.UsageError("--to-version and --at exclude each other")
    with opened_log() as log:
        history = log.stream(stream)
    until = history
    if instant is not None:
        until = [recorded for recorded in history if recorded.at <= instant]
        if history and not until:
            raise NotFound(f"{stream} begins at {history[0].at:%Y-%m-%dT%H:%M:%SZ}")
    elif to_version is not None and history:
        until = replaying.up_to(history, to_version)
    after = replaying.rebuilt(until, stream)
    if since is None:
        answer(after, _state_lines(after))
        return
    before = replaying.rebuilt(replaying.up_to(history, since), stream)
    difference = replaying.difference(before, after)
    answer(difference, _difference_lines(difference))


@audit.command()
@options
def verify() -> None:
    """Recompute the hash chain of the whole log; exit 1 at the first break."""
    with opened_log() as log, log.pool.connection() as connection:
        connection.execute("SET statement_timeout = 0")
        whole, broken = verify_chain(connection)
        head = connection.execute(
            "SELECT encode(hash, 'hex') FROM callboard_events WHERE notification_id = %s", (whole,)
        ).fetchone()
    document = {"whole": broken is None, "events": whole, "head": head[0] if head else None, "break": broken}
    if broken is None:
        lines = [f"whole: {whole} events", *([f"head: {head[0]}"] if head else [])]
    else:
        lines = [f"broken at position {broken.position}: {broken.reason}", f"whole before it: {whole} events"]
    answer(document, lines)
    click.get_current_context().exit(0 if broken is None else 1)


def _told(
    log: EventLog, asked: trail.Asked, limit: int | None, *, follow: bool
) -> Iterator[list[Positioned]]:
    last = 0
    if limit is not None:
        last = log.head()
        found = trail.newest(log.pool, asked, limit)
        last = max(last, found[-1].position) if found else last
        yield found
    while True:
        for batch in trail.batches(log.pool, asked, after=last) if follow or limit is None else ():
            last = batch[-1].position
            yield batch
        if not follow:
            return
        time.sleep(_POLL_SECONDS)


def _state_lines(rebuilt: Rebuilt) -> Iterator[str]:
    yield f"{rebuilt.stream} after event {rebuilt.stream_version}, {rebuilt.at:%Y-%m-%d %H:%M:%S}Z"
    facts = rebuilt.state.get("schedule", rebuilt.state)
    yield from _aligned({name: value for name, value in facts.items() if value not in (None, "", [], {})})
    shows = rebuilt.state.get("shows")
    if shows:
        yield ""
        yield from _show_table(shows)


def _difference_lines(difference: dict[str, Any]) -> Iterator[str]:
    yield f"from event {difference['from']} to event {difference['to']}"
    yield from _aligned(
        {n: f"{_plain(c['from'])} -> {_plain(c['to'])}" for n, c in difference["fields"].items()}
    )
    for sign, name in (("+", "added"), ("-", "removed")):
        if shows := difference.get(name):
            yield f"{name}:"
            yield from (f"{sign} {row}" for row in _show_table(shows)[1:])
    for changed in difference.get("changed", ()):
        yield f"changed: {changed['show_id']} {changed['name']}"
        yield from _aligned(
            {n: f"{_plain(c['from'])} -> {_plain(c['to'])}" for n, c in changed["fields"].items()}
        )


def _aligned(facts: dict[str, Any]) -> Iterator[str]:
    width = max(map(len, facts), default=0)
    for name, value in facts.items():
        yield f"  {name.ljust(width)}  {_plain(value)}"


def _plain(value: Any) -> str:
    if value in (None, ""):
        return "-"
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _show_table(shows: list[dict[str, Any]]) -> list[str]:
    return table(
        ("show", "status", "start", "end", "room", "external id", "name"),
        [
            (s["id"], s["status"], s["start"], s["end"], s["room_id"], s["external_id"], s["name"])
            for s in shows
        ],
    )
