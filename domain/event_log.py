"""The event log: the eventsourcing library's store, mapper and recorder over PostgreSQL. Nothing else
knows either library.

A command is one transaction, in this order: idempotency key, stream locks, load and decide, resource
locks, and then in one round trip the projections (constraints speak here), `append()` and COMMIT.
"""

import hashlib
import random
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any, LiteralString, TypeVar, cast

import msgspec
from eventsourcing.persistence import (
    ApplicationRecorder,
    EventStore,
    JSONTranscoder,
    Mapper,
    Notification,
    StoredEvent,
    Subscription,
)
from msgspec import Struct
from psycopg import Connection, Cursor, OperationalError, errors
from psycopg.pq import TransactionStatus
from psycopg.rows import tuple_row
from psycopg_pool import ConnectionPool, PoolTimeout, TooManyRequests

from domain.errors import Duplicate, FieldError, Invalid, KeyReused, StaleVersion, Unavailable
from domain.events import Command, Positioned, Recorded

T = TypeVar("T")
Statement = tuple[LiteralString, Sequence[Any]]
"""SQL and its parameters."""
Project = Callable[[Command], Sequence[Statement]]
"""What a command changes in the read tables; runs in the transaction that appends it."""

_ATTEMPTS = 6
_SETTLE_SECONDS = 15.0
_IDLE = TransactionStatus.IDLE


class Outrun(Exception):
    """Raised by work that locked too little, because somebody was faster: it runs again from the start."""


_RETRYABLE = (Outrun, errors.DeadlockDetected, errors.SerializationFailure, errors.LockNotAvailable)
_STREAM_LOCK: LiteralString = (
    "SELECT pg_advisory_xact_lock(k) FROM"
    " (SELECT DISTINCT hashtextextended(s, 1) AS k FROM unnest(%b::text[]) AS s ORDER BY k) q"
)

_TAKE_KEY: LiteralString = (
    "INSERT INTO idempotency AS i (user_id, route, key, body_sha256) VALUES (%s, %s, %s, %s)"
    " ON CONFLICT (user_id, route, key) DO UPDATE"
    " SET body_sha256 = excluded.body_sha256, answer = NULL, created_at = excluded.created_at"
    " WHERE i.created_at < now() - interval '24 hours' RETURNING 1"
)
_REMEMBER: LiteralString = "UPDATE idempotency SET answer = %s WHERE user_id = %s AND route = %s AND key = %s"


class Clash(Struct, frozen=True, rename={"with_": "with"}):
    """What the database says is in the way: `with_` holds `resource_id` for `[start, end)` of the
    span that `holder_id` asked for."""

    holder_id: str
    resource_id: str
    with_: str
    kind: str
    start: datetime
    end: datetime


class Taken(Exception):
    """The exclusion constraint refused the command. Empty when the holder has left meanwhile."""

    def __init__(self, clashes: Sequence[Clash]) -> None:
        super().__init__("taken")
        self.clashes = tuple(clashes)


class Key(Struct, frozen=True):
    """An Idempotency-Key, scoped to a user and a route, with the SHA-256 of the body it came with."""

    user_id: str
    route: str
    key: str
    body_sha256: bytes


class Replayed(Struct, frozen=True):
    """The key was used before: this is the first answer, as it was encoded then."""

    answer: bytes


class EnvelopeMapper(Mapper[str]):
    """Envelopes as msgspec JSON, so that psql can read them; the topic is the event's literal tag."""

    _encode = msgspec.json.Encoder().encode

    def to_stored_event(self, domain_event: Any) -> StoredEvent:
        recorded: Recorded = domain_event
        return StoredEvent(
            originator_id=recorded.originator_id,
            originator_version=recorded.originator_version,
            topic=str(recorded.event.__struct_config__.tag),
            state=self._encode(recorded),
        )

    def to_domain_event(self, stored_event: StoredEvent) -> Any:
        return _decode(stored_event.state)


class ChainedRecorder(ApplicationRecorder):
    """The library's recorder on our table: named columns, one hash chain, positions in commit order.
    Inserting needs the transaction it belongs to."""

    def __init__(self, pool: ConnectionPool[Connection[Any]]) -> None:
        self._pool = pool

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int]:
        cursor: Cursor[Any] = kwargs["cursor"]
        recorded: Sequence[Recorded] = kwargs["recorded"]
        finish: Callable[[], None] = kwargs["finish"]
        with cursor.connection.pipeline():
            for sql, parameters in kwargs["statements"]:
                cursor.connection.execute(sql, parameters)
            cursor.execute(
                "SELECT append(%b::text[], %b::bigint[], %b::text[],"
                " %b::bytea[], %b::timestamptz[], %b::text[])",
                (
                    [e.originator_id for e in stored_events],
                    [e.originator_version for e in stored_events],
                    [e.topic for e in stored_events],
                    [e.state for e in stored_events],
                    [r.at for r in recorded],
                    [r.actor.id for r in recorded],
                ),
            )
            finish()
        row = cursor.fetchone()
        first = int(row[0]) if row else 0
        return range(first, first + len(stored_events))

    def select_events(
        self,
        originator_id: Any,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        with self._pool.connection() as connection:
            found = self.select_on(connection, str(originator_id), gt or 0, lte)
        return (found[::-1] if desc else found)[:limit]

    @staticmethod
    def select_on(
        connection: Connection[Any], originator_id: str, gt: int = 0, lte: int | None = None
    ) -> list[StoredEvent]:
        """The stream's events with `gt < version <= lte`, in order."""
        rows = connection.execute(
            "SELECT originator_version, topic, state FROM callboard_events"
            " WHERE originator_id = %s AND originator_version > %s AND originator_version <= %s"
            " ORDER BY originator_version",
            (originator_id, gt, lte if lte is not None else 2**62),
            binary=True,
        )
        return [StoredEvent(originator_id, version, topic, bytes(state)) for version, topic, state in rows]

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        after = (start or 0) - (1 if inclusive_of_start and start else 0)
        with self._pool.connection() as connection:
            rows = connection.execute(
                "SELECT originator_id, originator_version, topic, state, notification_id"
                " FROM callboard_events WHERE notification_id > %s AND notification_id <= %s"
                " AND (%s OR topic = ANY (%b))"
                " ORDER BY notification_id LIMIT %s",
                (after, stop if stop is not None else 2**62, not topics, list(topics), limit),
                binary=True,
            ).fetchall()
        return [Notification(stream, v, topic, bytes(state), id=pos) for stream, v, topic, state, pos in rows]

    def max_notification_id(self) -> int | None:
        with self._pool.connection() as connection:
            row = connection.execute("SELECT max(notification_id) FROM callboard_events").fetchone()
        return row[0] if row else None

    def subscribe(
        self, gt: int | None = None, topics: Sequence[str] = ()
    ) -> Subscription[ApplicationRecorder]:
        raise NotImplementedError("followers poll the log by position; LISTEN is only a wake-up")


class Transaction:
    """One command's transaction. Lock streams before loading them, resources before looking at who
    holds them; record what was decided; the log writes it all when the work returns."""

    def __init__(self, connection: Connection[Any], mapper: EnvelopeMapper) -> None:
        self.connection = connection
        self.recorded: list[Recorded] = []
        self._mapper = mapper

    def lock_streams(self, ids: Sequence[str]) -> None:
        """Waits until no other command is at work on any of these streams. Once per command, all ids."""
        self.connection.execute(_STREAM_LOCK, (list(ids),))

    def stream(self, originator_id: str) -> list[Recorded]:
        """All events of a stream, oldest first; empty when there is none."""
        found = ChainedRecorder.select_on(self.connection, originator_id)
        return [self._mapper.to_domain_event(stored) for stored in found]

    def command_of(self, recorded: Recorded) -> list[Recorded]:
        """All events of the command whose last one this is, in the order in which they were recorded."""
        found: list[Recorded] = []
        with self.connection.cursor(name="command_of", binary=True) as cursor:
            cursor.itersize = 100
            cursor.execute(
                "SELECT state FROM callboard_events WHERE notification_id <= (SELECT notification_id"
                " FROM callboard_events WHERE originator_id = %s AND originator_version = %s)"
                " ORDER BY notification_id DESC",
                (recorded.originator_id, recorded.originator_version),
            )
            for (state,) in cursor:
                each = decode(state)
                if each.command_id != recorded.command_id:
                    break
                found.append(each)
        return found[::-1]

    def lock_resources(self, ids: Sequence[str]) -> None:
        """Waits until no other command takes or releases any of these rooms and creators."""
        self.connection.execute("SELECT lock_resources(%b::text[])", (sorted(set(ids)),))

    def record(self, recorded: Sequence[Recorded]) -> None:
        """Adds events to what this command will append."""
        self.recorded.extend(recorded)


def decode(state: bytes) -> Recorded:
    """An envelope from its stored bytes."""
    return _decode(state)


_decode = msgspec.json.Decoder(Recorded).decode


class EventLog:
    """Streams of recorded events. `project` says what a command changes in the read tables;
    `duplicates` names the field behind each unique constraint."""

    def __init__(
        self,
        pool: ConnectionPool[Connection[Any]],
        project: Project,
        duplicates: Mapping[str, FieldError] | None = None,
    ) -> None:
        self.pool = pool
        self._project = project
        self._duplicates = duplicates or {}
        self._mapper = EnvelopeMapper(transcoder=JSONTranscoder())
        self._recorder = ChainedRecorder(pool)
        self._store: EventStore[str] = EventStore(self._mapper, self._recorder)

    # --- reading

    def stream(
        self, originator_id: str, *, after: int | None = None, to_version: int | None = None
    ) -> list[Recorded]:
        """All events of a stream after a version and up to one, oldest first; empty when there is none."""
        return cast(list[Recorded], list(self._store.get(originator_id, gt=after, lte=to_version)))

    def positioned(self, originator_id: str) -> list[Positioned]:
        """All events of a stream with their place in the whole log."""
        with self.pool.connection() as connection:
            rows = connection.execute(
                "SELECT notification_id, state FROM callboard_events WHERE originator_id = %s"
                " ORDER BY originator_version",
                (originator_id,),
                binary=True,
            ).fetchall()
        return [Positioned(position, decode(state)) for position, state in rows]

    def head(self) -> int:
        """The position of the newest event; 0 for an empty log."""
        return self._recorder.max_notification_id() or 0

    # --- writing

    def transact(
        self,
        work: Callable[[Transaction], T],
        *,
        key: Key | None = None,
        encode: Callable[[T], bytes] | None = None,
        dry_run: bool = False,
    ) -> T | Replayed:
        """Runs one command. `work` loads, decides and records; it runs again when another command came
        in between. A dry run does everything but commit.

        Raises Taken, Duplicate, Invalid, StaleVersion, KeyReused, Unavailable and whatever `work` raises;
        in every case nothing is stored.
        """
        for attempt in range(1, _ATTEMPTS + 1):
            last = attempt == _ATTEMPTS
            try:
                return self._once(work, key, encode, dry_run=dry_run)
            except errors.UniqueViolation as error:
                if error.diag.constraint_name != "callboard_events_pkey":
                    raise self._duplicate(error) from error
                if last:
                    raise StaleVersion("somebody else changed this at the same moment; try again") from error
            except errors.ExclusionViolation as error:
                raise Taken(
                    msgspec.json.decode(error.diag.message_detail or "[]", type=list[Clash])
                ) from error
            except errors.ForeignKeyViolation as error:
                detail = error.diag.message_detail or "a row that is referred to does not exist"
                raise Invalid(detail) from error
            except _RETRYABLE as error:
                if last:
                    raise StaleVersion("too much is happening here at once; try again") from error
            except errors.QueryCanceled as error:
                raise Unavailable("the database took too long; nothing was stored, try again") from error
            except (PoolTimeout, TooManyRequests) as error:
                raise Unavailable("the database can't be reached; nothing was stored, try again") from error
            except OperationalError as error:
                self.pool.drain()
                if last:
                    raise Unavailable(
                        "the database can't be reached; nothing was stored, try again"
                    ) from error
            time.sleep(random.uniform(0, 0.02) * attempt)  # noqa: S311 - jitter, not a secret
        raise AssertionError("unreachable")

    def _once(
        self,
        work: Callable[[Transaction], T],
        key: Key | None,
        encode: Callable[[T], bytes] | None,
        *,
        dry_run: bool,
    ) -> T | Replayed:
        committing = False
        recorded: list[Recorded] = []
        try:
            with self.pool.connection() as connection:
                try:
                    if (answer := self._begin(connection, key)) is not None:
                        return Replayed(answer)
                    tx = Transaction(connection, self._mapper)
                    result = work(tx)
                    recorded = tx.recorded
                    answer = encode(result) if encode and key else None

                    def finish() -> None:
                        nonlocal committing
                        if key:
                            connection.execute(_REMEMBER, (answer, key.user_id, key.route, key.key))
                        if not dry_run:
                            committing = True
                            connection.execute("COMMIT")

                    self._write(connection, recorded, finish)
                    return result
                finally:
                    if not connection.closed and connection.info.transaction_status != _IDLE:
                        connection.rollback()
        except OperationalError as error:
            if committing and recorded and not _refused(error) and self._landed(recorded[0]):
                return result  # pyright: ignore[reportPossiblyUnboundVariable] - set before committing
            raise

    def _begin(self, connection: Connection[Any], key: Key | None) -> bytes | None:
        """Opens the transaction and takes the key; waits for a concurrent twin. Answers the first
        answer when the key was used before."""
        connection.execute("BEGIN")
        if key is None:
            return None
        if connection.execute(_TAKE_KEY, (key.user_id, key.route, key.key, key.body_sha256)).fetchone():
            return None
        row = connection.execute(
            "SELECT body_sha256, answer FROM idempotency WHERE user_id = %s AND route = %s AND key = %s",
            (key.user_id, key.route, key.key),
        ).fetchone()
        if row is None:
            raise errors.SerializationFailure("the key was let go at this very moment")
        if bytes(row[0]) != key.body_sha256:
            raise KeyReused(
                "this Idempotency-Key came with another body before; use a new key for a new request",
                errors=[FieldError("Idempotency-Key", "reused", "was used with another body")],
            )
        return bytes(row[1])

    def _write(
        self, connection: Connection[Any], recorded: Sequence[Recorded], finish: Callable[[], None]
    ) -> None:
        if not recorded:
            with connection.pipeline():
                finish()
            return
        self._store.put(
            cast(Any, recorded),
            cursor=connection.cursor(row_factory=tuple_row),
            recorded=recorded,
            statements=self._project(tuple(recorded)),
            finish=finish,
        )

    def _landed(self, first: Recorded) -> bool:
        """After a connection lost at COMMIT: is the event there? The stream's lock is waited for, so the
        old transaction is over by the time we look."""
        deadline = time.monotonic() + _SETTLE_SECONDS
        while True:
            try:
                with self.pool.connection() as connection, connection.transaction():
                    connection.execute(_STREAM_LOCK, ([first.originator_id],))
                    row = connection.execute(
                        "SELECT state FROM callboard_events"
                        " WHERE originator_id = %s AND originator_version = %s",
                        (first.originator_id, first.originator_version),
                        binary=True,
                    ).fetchone()
                return row is not None and decode(row[0]).command_id == first.command_id
            except (OperationalError, PoolTimeout) as error:
                if time.monotonic() > deadline:
                    raise Unavailable(
                        "the database went away while this was being stored: look whether it is there,"
                        " or send it again with the same Idempotency-Key"
                    ) from error
                self.pool.drain()
                time.sleep(0.1)

    def _duplicate(self, error: errors.UniqueViolation) -> Duplicate:
        name = error.diag.constraint_name or ""
        taken = self._duplicates.get(name) or FieldError(name, "taken", "is taken")
        return Duplicate(f"{taken.path}: {taken.message}", errors=[taken])


def _refused(error: OperationalError) -> bool:
    """Whether the server itself said no, which it only does before it commits."""
    return error.sqlstate is not None and not error.sqlstate.startswith(("57P", "08"))


def replay(
    pool: ConnectionPool[Connection[Any]], *, after: int = 0, batch: int = 5000
) -> Iterator[Positioned]:
    """The whole log after a position, in order, a batch at a time on a connection of its own."""
    with pool.connection() as connection, connection.transaction():
        yield from replay_on(connection, after=after, batch=batch)


def replay_on(connection: Connection[Any], *, after: int = 0, batch: int = 5000) -> Iterator[Positioned]:
    """As `replay`, on a connection that is inside a transaction, seeing what that transaction sees."""
    with connection.cursor("callboard_replay", binary=True, row_factory=tuple_row) as cursor:
        cursor.itersize = batch
        cursor.execute(
            "SELECT notification_id, state FROM callboard_events"
            " WHERE notification_id > %s ORDER BY notification_id",
            (after,),
        )
        for position, state in cursor:
            yield Positioned(position, decode(state))


def commands(events: Iterable[Positioned]) -> Iterator[Command]:
    """The same events grouped by command: constraints hold command by command, not event by event."""
    for _, group in groupby(events, key=lambda e: e.recorded.command_id):
        yield tuple(each.recorded for each in group)


class Break(Struct, frozen=True):
    """The first place where the chain does not hold, and why."""

    position: int
    reason: str


def verify_chain(connection: Connection[Any]) -> tuple[int, Break | None]:
    """Recomputes the hash chain from the first event. Answers how many events are whole, and the first
    break if there is one. It can't see events cut off at the end: keep the head's hash elsewhere for that."""
    chain, whole = b"\x00", 0
    with (
        connection.transaction(),
        connection.cursor("callboard_chain", binary=True, row_factory=tuple_row) as cursor,
    ):
        cursor.itersize = 5000
        cursor.execute(
            "SELECT notification_id, originator_id, originator_version, topic, state, hash"
            " FROM callboard_events ORDER BY notification_id"
        )
        for position, stream, version, topic, state, stored in cursor:
            if position != whole + 1:
                return whole, Break(whole + 1, f"position {whole + 1} is missing, the next is {position}")
            chain = hashlib.sha256(chain + _row_bytes(position, stream, version, topic, state)).digest()
            if chain != stored:
                return whole, Break(
                    position, "the row does not match its hash: it, or one before it, was altered"
                )
            whole += 1
    return whole, None


def _row_bytes(position: int, stream: str, version: int, topic: str, state: bytes) -> bytes:
    """What the chain covers; the twin of `log.row_bytes`."""
    s, t = stream.encode(), topic.encode()
    return b"".join(
        (
            position.to_bytes(8),
            len(s).to_bytes(4) + s,
            version.to_bytes(8),
            len(t).to_bytes(4) + t,
            state,
        )
    )
