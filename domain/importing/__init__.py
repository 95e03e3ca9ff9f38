"""A planner's file against the plan: what would change, and the events that change it (SPEC 8).

sheet.py      the file as rows of text, and errors that name row, column and value
reach.py      where whoever imports may plan
names.py      which studio, client, room ... a text means
doubting.py   names that several rows have, and what tells these apart
reading.py    a row of text as a wanted show
history.py    what imports did to a schedule before
waiting.py    what its open changes would make of it
diffing.py    wanted shows against the schedules they belong to
telling.py    what becomes of each show, in an export's words
clashes.py    shows of these schedules that truly overlap; conflicts as the rules count them
report.py     what a run answers
running.py    the command: one run is one transaction
"""
