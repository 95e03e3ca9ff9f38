"""Requests that schemathesis invents from the OpenAPI document. A slice runs here; `CALLBOARD_FUZZ_CASES`
asks for more (in all), as `make fuzz` does."""

import os
from collections import Counter
from typing import Any, Final

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from litestar import Litestar
from litestar.testing import TestClient
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core import NOT_SET
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.api.world import World

CASES: Final = int(os.environ.get("CALLBOARD_FUZZ_CASES", "400"))
CHECKS: Final = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


def test_no_invented_request_is_answered_with_500_or_undocumented(client: TestClient[Litestar], world: World):
    schema = schemathesis.openapi.from_dict(client.get("/schema/openapi.json").json())
    known = _known(world)
    seen: Counter[str] = Counter()
    refused: dict[str, str] = {}
    operations = [found.ok() for found in schema.get_all_operations()]
    for operation in operations:
        valid = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
        broken = operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)

        @settings(
            max_examples=-(-CASES // len(operations)),
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=st.one_of(valid, valid, broken), real=st.sampled_from([True, True, False]))
        def probe(case: Any, real: bool) -> None:
            if real or case.path == "/api/v1/stream":
                _settle(case, known)
            response = _send(client, case)
            seen[f"{response.status_code // 100}xx"] += 1
            failed = _failures(case, response)
            if failed:
                what = f"{case.method} {case.formatted_path} -> {response.status_code}"
                refused.setdefault(f"{case.method} {case.path} {response.status_code}", f"{what}: {failed}")

        probe()
    print(dict(sorted(seen.items())))  # noqa: T201 - shown with -s
    assert list(refused.values()) == []
    assert seen["2xx"] > 0
    assert seen["4xx"] > 0


def _failures(case: Any, response: Any) -> str:
    """What schemathesis has against an answer, in its words; empty when nothing."""
    # A stream is no document: its messages have a test of their own.
    checks = CHECKS[:-1] if case.path == "/api/v1/stream" else CHECKS
    try:
        case.validate_response(response, checks=checks)
    except FailureGroup as group:
        return "; ".join(f"{failure.title}: {failure.message}" for failure in group.exceptions)
    return ""


def _known(world: World) -> dict[str, Any]:
    """Ids of rows that are there, by the name of the parameter or field that takes one."""
    schedule, shows = world.planned(world.show(13), world.show(14))
    return {
        "schedule_id": schedule["id"],
        "show_id": shows[0]["id"],
        "studio_id": world.studio,
        "room_id": world.rooms[0],
        "client_id": world.customer,
        "platform_id": world.platform,
        "creators": world.creators,
        "show_ids": [show["id"] for show in shows],
        "show_type": "bau",
        "show_standard": "standard",
        "rows": {
            "studios": world.studio,
            "rooms": world.rooms[1],
            "clients": world.customer,
            "creators": world.creators[1],
            "platforms": world.platform,
        },
    }


def _settle(case: Any, known: dict[str, Any]) -> None:
    """Puts real ids where invented ones would only ever be unknown."""
    entity = case.path.split("/")[3] if case.path.count("/") > 2 else ""
    for name in case.path_parameters or {}:
        case.path_parameters[name] = known.get(name) or known["rows"].get(entity, case.path_parameters[name])
    if case.path == "/api/v1/stream":
        case.query = {**(case.query or {}), "seconds": 0}  # else each lasts a quarter of an hour
    if case.body is not NOT_SET:
        case.body = _with_ids(case.body, known)


def _with_ids(body: Any, known: dict[str, Any]) -> Any:
    if isinstance(body, list):
        return [_with_ids(each, known) for each in body]
    if isinstance(body, dict):
        return {
            name: known[name] if name in known and value else _with_ids(value, known)
            for name, value in body.items()
        }
    return body


def _send(client: TestClient[Litestar], case: Any) -> Any:
    call = requests.Request(**case.as_transport_kwargs(base_url="http://testserver.local")).prepare()
    headers = {**call.headers, "Authorization": client.headers["Authorization"]}
    return client.request(str(call.method), str(call.url), headers=headers, content=call.body)
