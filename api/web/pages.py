"""All pages there are."""

from typing import Final

from api.web import (
    audit,
    board,
    comparing,
    home,
    imports,
    inbox,
    profile,
    schedule,
    schedules,
    show_forms,
    shows,
    signing_in,
    times,
)
from api.web.admin import pages as admin

ROUTES: Final = (
    signing_in.routes,
    home.home,
    profile.routes,
    times.studio_time,
    board.show_board,
    audit.audit,
    admin.routes,
    inbox.show_inbox,
    inbox.count,
    shows.show_page,
    show_forms.edit_page,
    show_forms.new_page,
    schedules.list_schedules,
    schedules.new_schedule,
    schedule.show_schedule,
    schedule.edit_schedule,
    schedule.duplicate_schedule,
    comparing.compare,
    imports.list_runs,
    imports.show_run,
)
