"""OpenAPI 3.1 at /schema/openapi.json and Swagger UI at /schema, from packaged files: no request leaves
the house, and no inline script or style needs an exception in the Content-Security-Policy."""

import re
from collections.abc import Mapping
from functools import cache
from http import HTTPStatus
from importlib.metadata import distribution
from pathlib import Path
from typing import Any, Final, cast

import msgspec
from litestar import MediaType, Request, Response, Router, get
from litestar.exceptions import NotFoundException
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import OpenAPIRenderPlugin
from litestar.openapi.spec import Components, Schema, SecurityScheme
from litestar.params import FromPath
from litestar.plugins import OpenAPISchemaPlugin
from litestar.typing import FieldDefinition
from msgspec import Struct

from api.http.problems import CODES, MEDIA_TYPE, Problem
from api.http.security import PUBLIC

_ASSETS: Final = {
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui.css": "text/css",
    "favicon-32x32.png": "image/png",
}
_PAGE: Final = b"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Callboard API</title>
<link rel="stylesheet" href="/schema/assets/swagger-ui.css">
<link rel="icon" type="image/png" href="/schema/assets/favicon-32x32.png">
</head>
<body>
<div id="docs"></div>
<script src="/schema/assets/swagger-ui-bundle.js"></script>
<script src="/schema/assets/start.js"></script>
</body>
</html>
"""
_START: Final = b"""SwaggerUIBundle({
  url: "/schema/openapi.json",
  dom_id: "#docs",
  deepLinking: true,
  persistAuthorization: true,
  validatorUrl: null,
});
"""
_ALWAYS: Final[tuple[int, ...]] = (400, 422, 500, 503)
_WRITES: Final[tuple[int, ...]] = (403, 408, 409, 412, 413, 415)


def openapi_config(version: str) -> OpenAPIConfig:
    """For `Litestar(openapi_config=...)`, together with the plugin `StrictSchemas`."""
    return OpenAPIConfig(
        title="Callboard",
        version=version,
        description=(
            "Schedules of shows, their versions and bookings that cannot clash. "
            "Every error is a problem document (RFC 9457) with a stable `code`."
        ),
        path="/schema",
        openapi_router=Router("/schema", route_handlers=[], include_in_schema=False, after_request=_no_page),
        components=Components(
            security_schemes={
                "bearer": SecurityScheme(type="http", scheme="bearer", bearer_format="JWT"),
            }
        ),
        security=[{"bearer": []}],
        use_handler_docstrings=True,
        render_plugins=[
            _Docs(path="/", favicon="", style=""),
            _Document(path="/openapi.json", media_type=MediaType.JSON),
        ],
    )


def _no_page(response: Response[Any]) -> Response[Any]:
    """Litestar answers unknown paths here with a page of its own; ours are problems."""
    if response.status_code == HTTPStatus.NOT_FOUND:
        raise NotFoundException
    return response


class StrictSchemas(OpenAPISchemaPlugin):
    """Says `additionalProperties: false` of structs that forbid unknown fields, which Litestar leaves out."""

    @staticmethod
    def is_plugin_supported_type(value: Any) -> bool:
        """Structs that forbid unknown fields."""
        return isinstance(value, type) and issubclass(value, Struct) and _forbids(value)

    def is_plugin_supported_field(self, field_definition: FieldDefinition) -> bool:
        """The same, for a field."""
        return not field_definition.is_union and self.is_plugin_supported_type(field_definition.type_)

    def to_openapi_schema(self, field_definition: FieldDefinition, schema_creator: Any) -> Schema:
        """Litestar's own schema, closed."""
        litestars = next(
            plugin
            for plugin in schema_creator.plugins
            if plugin is not self and schema_creator.plugin_supports_field(plugin, field_definition)
        )
        schema = cast("Schema", litestars.to_openapi_schema(field_definition, schema_creator))
        schema.additional_properties = False
        return schema


def _forbids(struct: type[Struct]) -> bool:
    return struct.__struct_config__.forbid_unknown_fields


class _Document(OpenAPIRenderPlugin):
    """The document itself, completed once."""

    _bytes: bytes | None = None

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        if self._bytes is None:
            self._bytes = msgspec.json.encode(completed(openapi_schema), order="sorted")
        return self._bytes


class _Docs(OpenAPIRenderPlugin):
    """The page that reads it."""

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        return _PAGE

    def receive_router(self, router: Router) -> None:
        router.register(asset)


@get("/assets/{name:str}", include_in_schema=False, sync_to_thread=False)
def asset(name: FromPath[str]) -> Response[bytes]:
    """One of the three packaged files, or the script that starts them."""
    headers = {"Cache-Control": "public, max-age=86400"}
    if name == "start.js":
        return Response(_START, media_type="text/javascript", headers=headers)
    if name not in _ASSETS:
        raise NotFoundException
    return Response(_packaged(name), media_type=_ASSETS[name], headers=headers)


@cache
def _packaged(name: str) -> bytes:
    """A file of the swagger-ui-py distribution, read without importing it."""
    return Path(str(distribution("swagger-ui-py").locate_file(f"swagger_ui/static/{name}"))).read_bytes()


def completed(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document with every problem that an operation can answer, and the shape of a problem."""
    whole = _any_of(msgspec.json.decode(msgspec.json.encode(document)))
    components = whole.setdefault("components", {})
    _, shapes = msgspec.json.schema_components([Problem], ref_template="#/components/schemas/{name}")
    components["schemas"] = {**shapes, **components.get("schemas", {}), "Problem": shapes["Problem"]}
    components["responses"] = {code: _response(status, code) for status, code in CODES.items()}
    for path, item in whole["paths"].items():
        public = re.search(PUBLIC, path) is not None
        for method, operation in item.items():
            if public:
                operation["security"] = []
            if any(parameter["name"] == "format" for parameter in operation.get("parameters", ())):
                operation["responses"]["200"]["content"]["text/csv"] = {"schema": {"type": "string"}}
            for status in _statuses(path, method, public=public):
                operation["responses"][str(status)] = {"$ref": f"#/components/responses/{CODES[status]}"}
    return whole


def _any_of(part: Any) -> Any:
    """Litestar says `oneOf` of every union, though a value may be of two of its types."""
    match part:
        case dict():
            members = cast("dict[str, Any]", part)
            return {"anyOf" if name == "oneOf" else name: _any_of(each) for name, each in members.items()}
        case list():
            return [_any_of(each) for each in cast("list[Any]", part)]
        case _:
            return part


def _response(status: int, code: str) -> dict[str, Any]:
    example = {
        "type": f"/problems/{code}",
        "title": code.replace("_", " ").capitalize(),
        "status": status,
        "detail": "What was wrong this time.",
        "code": code,
        "instance": "/api/v1/...",
        "request_id": "0190a5d2c1de7b6e9d3f",
    }
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        "description": example["title"],
        "content": {MEDIA_TYPE: {"schema": schema, "example": example}},
    }


def _statuses(path: str, method: str, *, public: bool) -> list[int]:
    statuses: list[int] = [*_ALWAYS]
    if not public:
        statuses.append(401)
    writes = method not in {"get", "head", "options"}
    if writes:
        statuses.extend(_WRITES)
    if writes or "{" in path:
        statuses.append(404)
    return statuses
