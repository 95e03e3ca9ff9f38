"""All pages there are."""

from typing import Final

from api.web import audit, board, profile, signing_in, times

ROUTES: Final = (
    signing_in.routes,
    profile.routes,
    times.studio_time,
    board.show_board,
    audit.audit,
)
