"""Runs that were refused as a whole are remembered too: who tried which file, and why it was not taken."""

from contextlib import suppress

import msgspec
from msgspec.structs import replace

from domain.application import Commands, Context
from domain.errors import Conflict, DomainError, Invalid, KeyReused, NotFound
from domain.events import ImportFailed
from domain.importing.report import Options

_LONGEST = 2_000


def record(
    commands: Commands,
    context: Context,
    refusal: DomainError,
    *,
    file_name: str,
    file_sha256: str,
    options: Options,
) -> None:
    """Records a refusal that is about the file or the plan, in a transaction of its own. Not of dry runs, nor
    of requests that the actor may not make or that used a key for something else. Where that fails too,
    the refusal itself is what the caller must hear of."""
    told = isinstance(refusal, Invalid | NotFound | Conflict) and not isinstance(refusal, KeyReused)
    if context.dry_run or not told:
        return
    failed = ImportFailed(
        file_name=file_name,
        file_sha256=file_sha256,
        code=refusal.code,
        detail=str(refusal)[:_LONGEST],
        errors=tuple(
            {"path": e.path, "code": e.code, "message": e.message[:_LONGEST]} for e in refusal.errors
        ),
        options=msgspec.to_builtins(options),
    )
    with suppress(DomainError):
        commands.do(
            replace(context, key=None),
            lambda unit: unit.append_event(unit.new_id("import"), failed),
        )
