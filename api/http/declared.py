"""What the declaration of an entity says to Litestar: parameters of its lists, bodies and answers with
examples for the documentation."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from inspect import Parameter, Signature
from typing import Annotated, Any, Final

import msgspec
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import Example
from litestar.params import BodyKwarg, QueryParameter
from msgspec import Struct

from api.http.examples import Answered
from api.http.paging import Paging
from domain.application import Commands
from domain.registry.declaring import Entity

_STAMPS: Final = {
    "system": False,
    "created_at": "2026-05-01T09:00:00Z",
    "created_by": "user_01kaw3h5q0e9vtzf8r2d7x6m4b",
    "updated_at": "2026-05-01T09:00:00Z",
    "updated_by": "user_01kaw3h5q0e9vtzf8r2d7x6m4b",
    "deleted_at": None,
    "deleted_by": None,
}


def query(entity: Entity) -> list[Parameter]:
    """The filters that this entity's list takes."""
    types = {field.name: field.type for field in msgspec.structs.fields(entity.body)}
    takes: dict[str, Any] = {
        name: Annotated[_plain(types[name]) | None, QueryParameter(description=f"Only this {words(name)}.")]
        for name in entity.filters
    }
    if entity.search:
        about = f"Only rows with this in {' or '.join(map(words, entity.search))}."
        takes["q"] = Annotated[str | None, QueryParameter(description=about, max_length=300)]
    if entity.windowed:
        takes["from_"] = Annotated[
            datetime | None, QueryParameter(name="from", description="Only what ends after this.")
        ]
        takes["to"] = Annotated[datetime | None, QueryParameter(description="Only what starts before this.")]
    sorts = f"One of {', '.join(entity.sorts)}; `-` before it for descending."
    takes["sort"] = Annotated[str | None, QueryParameter(description=sorts, max_length=100)]
    found = [
        Parameter(name, Parameter.KEYWORD_ONLY, default=None, annotation=kind) for name, kind in takes.items()
    ]
    deleted = Annotated[bool, QueryParameter(description="Deleted rows too.")]
    return [*found, Parameter("include_deleted", Parameter.KEYWORD_ONLY, default=False, annotation=deleted)]


def _plain(kind: Any) -> Any:
    """A field's type without its bounds: a filter that matches nothing is no error."""
    return bool if kind is bool else str


def injected(handler: Any) -> list[Parameter]:
    """What every list takes beside its filters, as the handler declares it."""
    kinds = {"commands": NamedDependency[Commands], "paging": NamedDependency[Paging]}
    return [
        Parameter(name, Parameter.KEYWORD_ONLY, annotation=kinds.get(name, kind))
        for name, kind in handler.__annotations__.items()
        if name not in {"asked", "return"}
    ]


def sign(handler: Any, parameters: Sequence[Parameter], answers: Any) -> None:
    """Litestar reads parameters off the signature; here they differ from entity to entity."""
    handler.__signature__ = Signature(list(parameters), return_annotation=answers)
    handler.__annotations__ = {p.name: p.annotation for p in parameters} | {"return": answers}


def body(kind: type[Struct], example: Mapping[str, Any]) -> Any:
    """The annotation of a JSON body."""
    shown = Example(summary="For example", value=dict(example))
    return Annotated[kind, BodyKwarg(media_type=RequestEncodingType.JSON, examples=[shown])]


def row_example(entity: Entity) -> dict[str, Any]:
    """The entity's example as it is read."""
    defaults = {
        field.name: msgspec.to_builtins(field.default)
        for field in msgspec.structs.fields(entity.body)
        if field.default is not msgspec.NODEFAULT
    }
    row_id = f"{entity.kind}_01kaw3h5q0e9vtzf8r2d7x6m4b"
    return {"id": row_id, "version": 1} | defaults | dict(entity.example) | _STAMPS


def answers(status: int, kind: Any, example: Any) -> dict[int, ResponseSpec]:
    """The documentation of a good answer."""
    shown = Example(summary="For example", value=example)
    return {status: Answered(kind, generate_examples=False, examples=[shown], description="As asked.")}


def words(name: str) -> str:
    """A name as people write it."""
    return name.replace("_", " ")
