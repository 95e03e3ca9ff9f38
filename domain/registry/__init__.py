"""Reference entities: each declared once, all decided by the same four decisions.

row.py        the state of one row, folded from its stream
entities.py   the declarations: fields, rules, references, uniqueness
deciding.py   create, update, delete, restore
"""
