"""/schedules/{id}/compare: what differs between two versions, or a version and the plan as it is."""

from typing import Annotated, Any, Final
from urllib.parse import urlencode

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from api.http.paging import Paging
from api.http.security import Bounds, Principal
from api.resources import versions
from api.resources.versions import Diff
from api.web import telling
from api.web.frame.rendering import page
from api.web.plans.plan import open_plan
from domain.application import Commands
from projections.as_it_was import schedule_as_of

DRAFT: Final = "draft"
"""Stands for the plan as it is now."""
_MOST: Final = 100

Number = Annotated[int | None, QueryParameter(name="from", ge=1, le=2**31 - 1)]
To = Annotated[str, QueryParameter(pattern=r"^(draft|[1-9]\d{0,8})?$")]


@get("/schedules/{schedule_id:str}/compare", include_in_schema=False, sync_to_thread=True)
def compare(
    *,
    request: Request[Principal, Any, Any],
    schedule_id: FromPath[str],
    commands: NamedDependency[Commands],
    bounds: NamedDependency[Bounds],
    from_: Number = None,
    to: To = "",
) -> Response[str]:
    """Show by show, with both values. Unless named: from the version before to the newest, for those who see
    it to the plan as it is."""
    plan = open_plan(request, commands, bounds, schedule_id)
    numbered: Any = versions.list_versions.fn(
        schedule_id=schedule_id, commands=commands, paging=Paging(_MOST), include_deleted=False
    )
    newest = plan.row.current_version
    chosen = to or (DRAFT if bounds.clients is None else str(newest or ""))
    if chosen == DRAFT and bounds.clients is not None:
        chosen = str(newest or "")
    first = from_ or (newest if chosen == DRAFT else max((newest or 1) - 1, 1))
    lines, since = None, ("", 0)
    if newest is not None and first is not None and chosen:
        diff: Any = versions.diff.fn(
            schedule_id=schedule_id,
            commands=commands,
            bounds=bounds,
            from_=first,
            to=None if chosen == DRAFT else int(chosen),
        )
        found = diff.of_shows()
        before = schedule_as_of(commands.log.stream(schedule_id), number=first).shows
        with commands.log.pool.connection() as connection:
            telling.know(connection, plan.telling, telling.mentioned(found, before))
        lines = telling.differences(plan.telling, found, before)
        since = _since(diff)
    asked = {"studio_id": plan.row.studio_id, "compare": schedule_id, "from": first, "to": chosen}
    return page(
        request,
        "compare",
        plan=plan,
        row=plan.row,
        versions=numbered.items,
        first=first,
        chosen=chosen,
        lines=lines,
        since=since,
        field=plan.telling.field,
        sees_draft=bounds.clients is None,
        board=f"/board?{urlencode({**asked, 'day': plan.row.start_date.isoformat()})}",
    )


def _since(diff: Diff) -> tuple[str, int]:
    """Whether the plan was confirmed between the two (`confirmed`) or in the first alone (`not_yet`), with
    how many shows; "" for neither."""
    booked = set(diff.confirmed_with_plan)
    steps = (each.fields["status"]["to"] for each in diff.changed if each.show_id in booked)
    to = next(steps, "")
    return {"confirmed": "confirmed", "draft": "not_yet"}.get(to, ""), len(booked)
