"""Imports and exports over HTTP."""

import hashlib
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from api.resources import imports
from api.workbooks import write_xlsx
from domain.importing.sheet import COLUMNS
from tests.importing import line, text

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = {"content-type": "text/csv"}
ALL = "/api/v1/imports?create_missing=true&time_zone=Asia/Bangkok"
Client = TestClient[Litestar]


def test_a_dry_run_is_answered_and_nothing_is_there_afterwards(client: Client) -> None:
    answer = client.post(f"{ALL}&mode=dry_run", content=text(line()), headers=CSV)
    assert answer.status_code == 200
    report = answer.json()
    assert (report["mode"], report["counts"]["created"]) == ("dry_run", 1)
    assert client.get(f"/api/v1/imports/{report['id']}").status_code == 404
    assert client.get("/api/v1/schedules").json()["items"] == []


def test_a_run_is_created_listed_and_read_as_it_was_answered(client: Client) -> None:
    answer = client.post(ALL, content=text(line(), line(external_id="A-2", end="?")), headers=CSV)
    assert answer.status_code == 201
    report = answer.json()
    assert answer.headers["location"] == f"/api/v1/imports/{report['id']}"
    assert client.get(answer.headers["location"]).json() == report
    assert report["counts"] == {
        "created": 1,
        "updated": 0,
        "unchanged": 0,
        "removed": 0,
        "proposed_changes": 0,
        "skipped": 0,
        "errors": 1,
    }
    assert report["errors"] == [
        {
            "row": 3,
            "column": "end",
            "value": "?",
            "code": "bad_time",
            "message": "is no time such as 2026-05-02T13:00 or 2026-05-02T13:00+07:00",
        }
    ]
    (run,) = client.get("/api/v1/imports").json()["items"]
    assert {name: run[name] for name in ("id", "mode", "outcome", "counts", "file_sha256")} == {
        name: report[name] for name in ("id", "mode", "outcome", "counts", "file_sha256")
    }
    (schedule,) = client.get("/api/v1/schedules").json()["items"]
    assert (schedule["id"], schedule["name"]) == (report["schedules"][0]["id"], "Acme 2026-05")


def test_a_form_does_as_well_and_names_the_file(client: Client) -> None:
    form = {"file": ("acme-may.csv", text(line()).encode(), "text/csv")}
    answer = client.post(ALL, files=form)
    assert (answer.status_code, answer.json()["file_name"]) == (201, "acme-may.csv")
    plain = client.post(ALL, data={"file": text(line())}, files={"other": b""})
    assert (plain.status_code, plain.json()["counts"]["unchanged"]) == (201, 1)


def test_the_same_key_and_file_get_the_first_answer_again(client: Client) -> None:
    form = {"file": ("acme.csv", text(line()).encode(), "text/csv")}
    first, second = (client.post(ALL, files=form, headers={"Idempotency-Key": "k1"}) for _ in range(2))
    assert (first.status_code, second.status_code, second.content) == (201, 201, first.content)
    assert second.headers["Idempotency-Replayed"] == "true"
    other = {"file": ("acme.csv", text(line(name="Other")).encode(), "text/csv")}
    refused = client.post(ALL, files=other, headers={"Idempotency-Key": "k1"})
    assert (refused.status_code, refused.json()["code"]) == (422, "idempotency_key_reused")
    assert client.get("/api/v1/imports").json()["page"]["total"] == 1


@pytest.mark.parametrize(
    ("content", "kind", "status", "code", "path"),
    [
        (b"", "text/csv", 422, "empty_file", "file"),
        (b"name,colour\n", "text/csv", 422, "unknown_column", "header"),
        (b"name,start,end\n", "text/csv", 422, "missing_column", "header"),
        (b"name\n\xff\n", "text/csv", 422, "not_utf8", "file"),
        (b"{}", "application/json", 415, None, None),
        (b"x", "multipart/form-data", 400, None, None),
        (b"x", "multipart/form-data; boundary=b", 400, None, None),
        (b"--b--\r\n", "multipart/form-data; boundary=b", 422, "missing", "file"),
    ],
)
def test_what_can_not_be_imported_is_refused_with_its_reason(  # noqa: PLR0917 - a table of cases
    client: Client, content: bytes, kind: str, status: int, code: str | None, path: str | None
) -> None:
    answer = client.post("/api/v1/imports", content=content, headers={"content-type": kind})
    assert answer.status_code == status
    found = [(error["code"], error["path"]) for error in answer.json().get("errors", [])]
    assert found == ([(code, path)] if code else [])


def test_wrong_options_are_refused(client: Client) -> None:
    for query, status in (("mode=maybe", 422), ("time_zone=Mars", 422), ("schedule_id=schedule_x", 404)):
        answer = client.post(f"/api/v1/imports?{query}", content=text(line()), headers=CSV)
        assert answer.status_code == status, answer.text


def test_what_an_ambiguous_name_means_is_chosen(client: Client) -> None:
    client.post(ALL, content=text(line()), headers=CSV)
    twin = client.post("/api/v1/creators", json={"name": "Mali", "alias": "The cook"}).json()["id"]
    dry = f"{ALL}&mode=dry_run"
    report = client.post(dry, content=text(line()), headers=CSV).json()
    (asked,) = report["ambiguous"]
    assert (asked["kind"], asked["name"], asked["rows"], asked["chosen"]) == ("creator", "Mali", [2], None)
    told = {each["id"]: (each["about"], each["clients"], each["shows"]) for each in asked["candidates"]}
    assert told.pop(twin) == ({"alias": "The cook"}, [], 0)
    assert list(told.values()) == [({}, ["Acme"], 1)]
    looked = client.post(f"{dry}&means={twin}", content=text(line()), headers=CSV).json()
    assert (looked["counts"]["updated"], looked["ambiguous"][0]["chosen"]) == (1, twin)
    assert (
        client.post(f"{ALL}&means=2:{twin}", content=text(line()), headers=CSV).json()["counts"]
        == looked["counts"]
    )
    for wrong in ("Mali", "x:creator_1", "0:creator_1", f"2:{twin}:3"):
        answer = client.post(f"{dry}&means={wrong}", content=text(line()), headers=CSV)
        assert (answer.status_code, answer.json()["errors"][0]["path"]) == (422, "means"), wrong


def test_conflicts_of_a_dry_run_are_told_in_the_readers_language(client: Client) -> None:
    rows = (line(), line(external_id="A-2", name="Encore"))
    headers = CSV | {"accept-language": "th"}
    report = client.post(f"{ALL}&mode=dry_run", content=text(*rows), headers=headers).json()
    first = report["findings"][0]
    assert (first["code"], first["row"], first["other_row"], first["severity"]) == (
        "creator_overlap",
        3,
        2,
        "block",
    )
    assert "ต้องการ" in first["message"]


def test_a_file_that_is_too_large_is_refused(client: Client) -> None:
    answer = client.post("/api/v1/imports", content=b"x" * (imports.MAX_IMPORT + 1), headers=CSV)
    assert answer.status_code == 413


def test_a_file_larger_than_other_bodies_is_taken(client: Client) -> None:
    rows = [line(external_id=f"A-{n}", note="x" * 9_000, end="?") for n in range(150)]
    answer = client.post(ALL, content=text(*rows), headers=CSV)
    assert (answer.status_code, answer.json()["counts"]["errors"]) == (201, 150)


def test_only_administrators_import_and_all_may_look(client: Client, reader: Client) -> None:
    assert reader.post(ALL, content=text(line()), headers=CSV).status_code == 403
    report: dict[str, Any] = client.post(ALL, content=text(line()), headers=CSV).json()
    assert reader.get(f"/api/v1/imports/{report['id']}").json() == report
    assert reader.get("/api/v1/exports/shows.csv").status_code == 200


def test_an_export_is_a_file_that_imports_back_to_nothing(client: Client) -> None:
    client.post(ALL, content=text(line(name="=1+1"), line(external_id="")), headers=CSV)
    answer = client.get("/api/v1/exports/shows.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="shows.csv"'
    assert (
        "A-1,Acme,Bangkok,Room 1,'=1+1,2026-05-02T20:00+07:00,2026-05-02T22:00+07:00,Mali,TikTok,"
        in answer.text
    )
    counts = client.post("/api/v1/imports", content=answer.content, headers=CSV).json()["counts"]
    assert {name: count for name, count in counts.items() if count} == {"unchanged": 2}


def test_an_export_takes_filters(client: Client) -> None:
    report = client.post(ALL, content=text(line(), line(client="Borneo")), headers=CSV).json()
    schedule = report["schedules"][0]
    path = "/api/v1/exports/shows.csv"
    for query, lines in (
        (f"schedule_id={schedule['id']}", 2),
        (f"client_id={schedule['client_id']}", 2),
        ("from=2026-05-02&to=2026-05-02", 3),
        ("to=2026-05-01", 1),
    ):
        assert len(client.get(f"{path}?{query}").text.splitlines()) == lines, query
    assert client.get(f"{path}?studio_id=studio_x").status_code == 404
    assert client.get(f"{path}?from=soon").status_code == 422
    assert client.head(path).status_code == 200


def test_a_workbook_goes_in_and_comes_out_and_does_nothing_then(client: Client) -> None:
    book = write_xlsx([dict.fromkeys(COLUMNS, "") | line()])
    sent = client.post(ALL, content=book, headers={"content-type": XLSX})
    assert (sent.status_code, sent.json()["counts"]["created"]) == (201, 1)
    exported = client.get("/api/v1/exports/shows.xlsx")
    assert (exported.status_code, exported.headers["content-type"]) == (200, XLSX)
    again = client.post(ALL, files={"file": ("shows.xlsx", exported.content, XLSX)})
    assert (again.status_code, again.json()["counts"]["unchanged"]) == (201, 1)


def failed(client: Client) -> list[tuple[str, str, str]]:
    """Failed runs, newest first: file, code and what was told."""
    items = client.get("/api/v1/imports?outcome=failed").json()["items"]
    return [(run["file_name"], run["problem"]["code"], run["problem"]["detail"]) for run in items]


def test_a_file_that_is_refused_as_a_whole_is_listed_as_a_failed_run(client: Client) -> None:
    path = "/api/v1/imports?file_name=may.csv"
    content = b"name,start,end\n"
    refused = client.post(path, content=content, headers=CSV | {"Idempotency-Key": "k1"})
    again = client.post(path, content=content, headers=CSV | {"Idempotency-Key": "k1"})
    assert (refused.status_code, again.status_code) == (422, 422)
    assert "Idempotency-Replayed" not in again.headers
    client.post(f"{path}&schedule_id=schedule_x", content=text(line()), headers=CSV)
    client.post(f"{path}&time_zone=Mars", content=text(line()), headers=CSV)
    client.post(path, content=b"PK\x03\x04 no workbook", headers={"content-type": XLSX})
    assert [(name, code) for name, code, _ in failed(client)] == [
        ("may.csv", "invalid"),
        ("may.csv", "invalid"),
        ("may.csv", "not_found"),
        *[("may.csv", "invalid")] * 2,
    ]
    *_, run = client.get("/api/v1/imports").json()["items"]
    assert (run["outcome"], run["file_sha256"]) == ("failed", hashlib.sha256(content).hexdigest())
    assert run["problem"] == {
        "code": "invalid",
        "detail": refused.json()["detail"],
        "errors": refused.json()["errors"],
    }
    report = client.get(f"/api/v1/imports/{run['id']}").json()
    assert {name: report[name] for name in ("outcome", "problem", "created_by")} == {
        name: run[name] for name in ("outcome", "problem", "created_by")
    }
    assert report["counts"] == dict.fromkeys(report["counts"], 0)
    undone = client.post(f"/api/v1/imports/{run['id']}/undo")
    assert (undone.status_code, undone.json()["code"]) == (409, "illegal_transition")


def test_dry_runs_broken_forms_used_keys_and_strangers_leave_no_run(client: Client, reader: Client) -> None:
    path = "/api/v1/imports"
    client.post(f"{path}?mode=dry_run", content=b"name\n", headers=CSV)
    client.post(path, content=b"x", headers={"content-type": "multipart/form-data"})
    client.post(path, content=b"{}", headers={"content-type": "application/json"})
    reader.post(path, content=b"name\n", headers=CSV)
    client.post(ALL, content=text(line()), headers=CSV | {"Idempotency-Key": "k1"})
    client.post(ALL, content=text(line(name="Other")), headers=CSV | {"Idempotency-Key": "k1"})
    assert [run["outcome"] for run in client.get(path).json()["items"]] == ["applied"]


def test_a_run_is_taken_back_once_and_says_so(client: Client) -> None:
    report = client.post(ALL, content=text(line()), headers=CSV).json()
    path = f"/api/v1/imports/{report['id']}"
    answer = client.post(f"{path}/undo", headers={"Idempotency-Key": "k1"})
    assert answer.status_code == 200
    undone = answer.json()
    assert (undone["outcome"], undone["left"]) == ("undone", [])
    assert undone["counts"] == {
        "removed": 1,
        "restored": 0,
        "returned": 0,
        "withdrawn": 0,
        "schedules": 1,
        "rows": 5,
    }
    assert client.post(f"{path}/undo", headers={"Idempotency-Key": "k1"}).content == answer.content
    told = {"outcome": "undone", "undone_at": undone["undone_at"], "undone_by": undone["undone_by"]}
    assert client.get(path).json() == report | told
    (run,) = client.get("/api/v1/imports?outcome=undone&outcome=failed").json()["items"]
    assert {name: run[name] for name in told} == told
    assert client.get("/api/v1/imports?outcome=applied").json()["page"]["total"] == 0
    twice = client.post(f"{path}/undo")
    assert (twice.status_code, twice.json()["code"]) == (409, "illegal_transition")
    assert client.get("/api/v1/schedules").json()["items"] == []
    events = client.get(f"/api/v1/events?stream={report['id']}").json()["items"]
    assert [event["type"] for event in events] == ["ImportApplied", "ImportUndone"]


def test_a_run_that_something_moved_since_is_refused_naming_it(client: Client) -> None:
    report = client.post(ALL, content=text(line()), headers=CSV).json()
    (show,) = client.get("/api/v1/shows").json()["items"]
    client.patch(f"/api/v1/shows/{show['id']}", json={"name": "Ours"})
    refused = client.post(f"/api/v1/imports/{report['id']}/undo")
    assert (refused.status_code, refused.json()["code"]) == (409, "change_conflict")
    assert [error["path"] for error in refused.json()["errors"]] == [f"{show['id']}.name"]
    assert client.get(f"/api/v1/imports/{report['id']}").json() == report
