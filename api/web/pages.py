"""All pages there are."""

from typing import Final

from api.web import audit, imports
from api.web.account import profile, signing_in
from api.web.admin import pages as admin
from api.web.board import board, finding, touched
from api.web.desk import home, inbox
from api.web.frame import times
from api.web.plans import comparing, schedule, schedules
from api.web.shows import forms, show

ROUTES: Final = (
    signing_in.routes,
    home.home,
    profile.routes,
    times.studio_time,
    times.month_end,
    board.show_board,
    finding.found,
    touched.touched,
    board.show_rows,
    audit.audit,
    admin.routes,
    inbox.show_inbox,
    inbox.count,
    show.show_page,
    forms.edit_page,
    forms.new_page,
    schedules.list_schedules,
    schedules.new_schedule,
    schedule.show_schedule,
    schedule.edit_schedule,
    schedule.duplicate_schedule,
    schedule.shifted,
    comparing.compare,
    imports.list_runs,
    imports.show_run,
)
