"""All administration pages."""

from typing import Final

from litestar import Router

from api.web.admin import closing, hours, lists, operating, overview, rows, switches, ways_in

routes: Final = Router(
    "/admin",
    route_handlers=[
        overview.overview,
        switches.features,
        operating.projections,
        operating.run,
        operating.begin,
        closing.hit,
        hours.outside_hours,
        hours.until,
        lists.choices,
        lists.listed,
        rows.new,
        rows.row,
        rows.history,
        ways_in.way_in,
    ],
    guards=[overview.staff],
    include_in_schema=False,
)
