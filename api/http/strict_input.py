"""Strict input. Handlers write `data: JSONBody[CreateSchedule]`; with the `StrictInput` plugin on the app
the rest happens: 415 unless JSON, 400 unless well-formed, every wrong value named at once (422).

Litestar alone takes "1" for an integer, JSON sent as text/plain, epoch seconds for instants and unknown
query parameters, and reports the first wrong value of a thousand rows.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from litestar import Request
from litestar.config.app import AppConfig
from litestar.connection import ASGIConnection
from litestar.exceptions import (
    ClientException,
    HTTPException,
    ImproperlyConfiguredException,
    NotFoundException,
)
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.params import BodyKwarg
from litestar.plugins import InitPlugin, ReceiveRoutePlugin
from litestar.routes import BaseRoute, HTTPRoute
from litestar.typing import FieldDefinition
from msgspec.inspect import (
    DateTimeType,
    DictType,
    ListType,
    Metadata,
    SetType,
    StructType,
    TupleType,
    Type,
    UnionType,
    VarTupleType,
    type_info,
)

from api.http.decoding import MOST_ERRORS, Instant, code_of, decode, members, summary
from domain.errors import FieldError, Invalid


class StrictRequest(Request[Any, Any, Any]):
    """A request whose JSON body arrives decoded as the handler's type."""

    async def body(self) -> bytes:
        """The bytes sent. Nothing sent counts as `{}`: a command whose fields have defaults needs no body."""
        sent = await super().body()
        return b"{}" if not sent and _body_type(self.route_handler) is not None else sent

    async def json(self) -> Any:
        """The body as the type of the handler's `data`; Litestar passes a finished struct through."""
        kind = _body_type(self.route_handler)
        if await super().body():
            _require_json(self.headers.get("content-type", ""))
        return decode(await self.body(), kind if kind is not None else Any)


def _require_json(content_type: str) -> None:
    essence, _, parameters = content_type.partition(";")
    charset = re.search(r'charset="?([\w-]+)', parameters)
    if essence.strip().lower() != "application/json" or (charset and charset[1].lower() != "utf-8"):
        raise HTTPException(detail="Send the body as Content-Type: application/json.", status_code=415)


def _body_type(handler: BaseRouteHandler) -> Any:
    """The type behind `data: JSONBody[...]`, if the handler takes one."""
    data = handler.parsed_fn_signature.parameters.get("data")
    if data is None or not isinstance(data.kwarg_definition, BodyKwarg):
        return None
    return data.annotation if data.kwarg_definition.media_type == "application/json" else None


class StrictInput(InitPlugin, ReceiveRoutePlugin):
    """Makes every handler's input strict, and refuses at start a handler that can't be."""

    def __init__(self) -> None:
        self._queries: dict[BaseRouteHandler, Mapping[str, FieldDefinition | None]] = {}

    def on_app_init(self, app_config: AppConfig) -> AppConfig:
        """Put the request class and, after the app's own guards, the check of query parameters in place."""
        app_config.request_class = StrictRequest
        app_config.guards.append(self.check_parameters)  # pyright: ignore[reportUnknownMemberType]
        return app_config

    def receive_route(self, route: BaseRoute) -> None:
        """Learn a route's query parameters and audit its body's type."""
        if not isinstance(route, HTTPRoute):
            return
        for handler, model in route.route_handler_map.values():
            self._queries[handler] = {
                parameter.field_alias: _definition(handler, parameter.field_name)
                for parameter in model.expected_query_params
            }
            body = _body_type(handler)
            if body is not None:
                audit(body, str(handler))

    async def check_parameters(
        self, connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler
    ) -> None:
        """The guard: path and query are text we can store, parameters are known, instants have offsets."""
        if "\0" in connection.scope["path"]:
            raise NotFoundException
        known = self._queries.get(connection.scope["route_handler"])  # The guard is handed a copy.
        if known is None or not connection.scope["path"].startswith("/api/"):
            return
        try:
            pairs = parse_qsl(
                connection.scope["query_string"].decode("ascii"), keep_blank_values=True, errors="strict"
            )
        except UnicodeDecodeError:
            raise ClientException("The query is not valid UTF-8.") from None
        errors = [error for name, text in pairs for error in _query_errors(known, name, text)]
        if errors:
            raise Invalid(summary(errors), errors=errors[:MOST_ERRORS])


def _definition(handler: HTTPRouteHandler, name: str) -> FieldDefinition | None:
    """How a parameter is declared, on the handler itself or on one of its dependencies."""
    if name in handler.parsed_fn_signature.parameters:
        return handler.parsed_fn_signature.parameters[name]
    declared = (
        provide.parsed_fn_signature.parameters.get(name)
        for provide in handler.resolve_dependencies().values()
    )
    return next((definition for definition in declared if definition is not None), None)


def _query_errors(known: Mapping[str, FieldDefinition | None], name: str, text: str) -> Iterator[FieldError]:
    if name not in known:
        names = ", ".join(sorted(known)) or "none"
        yield FieldError(name, "unknown_parameter", f"is not a parameter here; there are: {names}")
    elif "\0" in text:
        yield FieldError(name, "nul_character", "must not contain a NUL character")
    else:
        definition = known[name]
        kinds = list(members(definition.annotation)) if definition is not None else []
        if int in kinds and len(text) > 18:  # noqa: PLR2004 (digits that surely fit 64 bits)
            yield FieldError(name, "range", "is out of range")
        if datetime in kinds:
            try:
                msgspec.convert(text, Instant, strict=True)
            except msgspec.ValidationError as error:
                yield FieldError(name, code_of(str(error)), f"{error}, such as 2026-05-02T13:00:00Z")


@cache
def audit(kind: Any, where: str) -> None:
    """Refuses (ImproperlyConfiguredException) a body type open to unknown fields or naive instants."""
    for found in _reachable(type_info(kind), set()):
        match found:
            case StructType(cls=cls) if not cls.__struct_config__.forbid_unknown_fields:
                raise ImproperlyConfiguredException(
                    f"{where}: {cls.__name__} needs forbid_unknown_fields=True"
                )
            case DateTimeType(tz=tz) if tz is not True:
                raise ImproperlyConfiguredException(f"{where}: a datetime in {kind} should be an Instant")
            case _:
                pass


def _reachable(found: Type, seen: set[type]) -> Iterator[Type]:
    """The type and all that it is made of."""
    yield found
    inner: Sequence[Type] = ()
    match found:
        case StructType(cls=cls, fields=fields) if cls not in seen:
            seen.add(cls)
            inner = [field.type for field in fields]
        case ListType(item_type=item) | VarTupleType(item_type=item) | SetType(item_type=item):
            inner = [item]
        case TupleType(item_types=items):
            inner = items
        case DictType(value_type=value):
            inner = [value]
        case UnionType(types=types):
            inner = types
        case Metadata(type=plain):
            inner = [plain]
        case _:
            pass
    for one in inner:
        yield from _reachable(one, seen)
