"""Local accounts: that a password was set is a fact, and who did it; its hash is none of the log's business,
which nobody can take anything out of again. It is kept beside the log, and written with the fact (SPEC 9).
"""

from typing import Final, LiteralString

from domain.application import Commands, Context, Unit
from domain.errors import IllegalTransition
from domain.events import PasswordSet

_KEEP: Final[LiteralString] = (
    "INSERT INTO passwords (user_id, hash, set_at) VALUES (%s, %s, %s)"
    " ON CONFLICT (user_id) DO UPDATE SET hash = excluded.hash, set_at = excluded.set_at"
)


def set_password(commands: Commands, context: Context, user_id: str, hashed: str) -> None:
    """Gives a user a password; sessions begun before end. `hashed` is argon2id's own text form.

    Raises NotFound, IllegalTransition for a deleted user.
    """

    def work(unit: Unit) -> None:
        user = unit.row("user", user_id)
        if user.deleted_at is not None:
            raise IllegalTransition(
                "this user was deleted; restore it first", status="deleted", allowed=["restore"]
            )
        unit.append_event(unit.new_id("password"), PasswordSet(user_id=user_id))
        unit.connection.execute(_KEEP, (user_id, hashed, unit.now))

    commands.do(context, work)
