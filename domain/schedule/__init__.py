"""A schedule and its shows: one stream, one state, one small file per family of decisions.

state.py      what a schedule is, and how events change it; never refuses
machine.py    the status machines of schedules and shows, as tables
planning.py   draft, edit, remove and restore shows; edit the schedule itself
proposal.py   propose, approve, reject, withdraw
booking.py    confirm drafts into bookings; what a booking holds
lifecycle.py  start, complete and cancel shows; cancel a schedule
imports.py    the diff between a file's rows and the plan, and the events that close it
"""
