"""Reference entities: each declared once, all decided by the same four decisions.

row.py         the state of one row, folded from its stream
declaring.py   what a declaration says, and the types drawn from it
entities.py    the declarations: fields, rules, references, uniqueness
deciding.py    create, update, delete, restore
commanding.py  the same as commands: what spans rows is asked there
"""
