"""/api/v1/stream: what changes, as it changes (server-sent events)."""

from collections.abc import AsyncGenerator
from typing import Annotated, Any, Final

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import Example
from litestar.params import HeaderParameter, QueryParameter
from litestar.response import ServerSentEvent, ServerSentEventMessage

from api.announcing import Announcement, Beat, Head, announced
from api.http.security import Bounds
from domain.application import Commands
from domain.errors import Invalid

MOST_SECONDS: Final = 900
"""A connection ends after a quarter of an hour; browsers come back by themselves, with a look at who may."""
RETRY_MS: Final = 1_000


class EventStream(ServerSentEvent):
    """Kept by nobody, and held back by no proxy."""

    def __init__(self, content: AsyncGenerator[ServerSentEventMessage], **others: Any) -> None:
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        super().__init__(content, headers=headers, retry_duration=RETRY_MS, **others)


@get(
    "/stream",
    operation_id="stream",
    summary="What changes, as it changes",
    tags=["stream"],
    responses={
        200: ResponseSpec(
            str,
            media_type="text/event-stream",
            description="Server-sent events: `change` with an Announcement, `position` with where the log is",
            generate_examples=False,
            examples=[
                Example(
                    value='id: 1042\nevent: change\ndata: {"position":1042,"command":"room.update",...}\n\n'
                )
            ],
        )
    },
)
async def stream(
    *,
    commands: NamedDependency[Commands],
    bounds: NamedDependency[Bounds],
    head: NamedDependency[Head],
    last_event_id: Annotated[
        str | None,
        HeaderParameter(name="Last-Event-ID", description="The position up to which everything was seen."),
    ] = None,
    after: Annotated[
        int | None, QueryParameter(ge=0, le=2**53, description="The same, where a header can't be sent.")
    ] = None,
    seconds: Annotated[
        int, QueryParameter(ge=0, le=MOST_SECONDS, description="End after so long; 0: what there is by now.")
    ] = MOST_SECONDS,
) -> Response[Any]:
    """Server-sent events, in the order of the log. Begins with `position`, then one `change` for each command
    that concerns what the user may see; `position` again when nothing happened for a while. The id of each is
    a position of the log: whoever reconnects with it in `Last-Event-ID`, as browsers do, misses nothing.
    Announcements say what changed, not how: read it where it is."""
    since = after
    if last_event_id is not None:
        if not last_event_id.isascii() or not last_event_id.isdecimal() or len(last_event_id) > 18:  # noqa: PLR2004
            raise Invalid.field("Last-Event-ID", "format", "must be a position of the log, such as 1042")
        since = int(last_event_id)

    async def messages() -> AsyncGenerator[ServerSentEventMessage]:
        async for each in announced(commands, head, bounds, since, seconds):
            event = "change" if isinstance(each, Announcement) else "position"
            yield ServerSentEventMessage(_encode(each), event=event, id=each.position)

    return EventStream(messages())


def _encode(each: Announcement | Beat) -> bytes:
    return msgspec.json.encode(each)
