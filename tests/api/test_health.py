import psycopg
from litestar import Litestar
from litestar.testing import TestClient

from domain.application import Commands
from tests.conftest import Database


def test_a_process_that_is_there_answers_without_a_token(nobody: TestClient[Litestar]):
    response = nobody.get("/health/live")
    assert (response.status_code, response.json()) == (200, {"status": "live"})


def test_it_is_ready_with_a_database_that_has_every_migration(nobody: TestClient[Litestar]):
    response = nobody.get("/health/ready")
    assert response.status_code == 200
    assert response.json() == {
        "status": "ready",
        "checks": {"database": "ok", "migrations": "ok"},
        "projection_lag": 0,
    }


def test_it_is_not_ready_while_a_migration_is_missing(nobody: TestClient[Litestar], database: Database):
    with psycopg.connect(database.admin_url, autocommit=True) as owner:
        owner.execute("DELETE FROM public.callboard_migrations WHERE name = '0004_privileges'")
    response = nobody.get("/health/ready")
    assert response.status_code == 503
    assert response.headers["retry-after"] == "1"
    problem = response.json()
    assert (problem["code"], problem["checks"]) == (
        "unavailable",
        {"database": "ok", "migrations": "pending"},
    )


def test_it_is_not_ready_with_a_database_newer_than_the_code(
    nobody: TestClient[Litestar], database: Database
):
    with psycopg.connect(database.admin_url, autocommit=True) as owner:
        owner.execute("INSERT INTO public.callboard_migrations (name, sha256) VALUES ('9999_future', '')")
    problem = nobody.get("/health/ready").json()
    assert (problem["status"], problem["checks"]) == (503, {"database": "ok", "migrations": "failed"})


def test_it_is_not_ready_without_a_database(nobody: TestClient[Litestar], commands: Commands):
    commands.log.pool.close()
    response = nobody.get("/health/ready")
    assert response.status_code == 503
    assert response.json()["checks"] == {"database": "failed", "migrations": "unknown"}


def test_metrics_count_requests_by_route_and_tell_how_the_log_is(
    nobody: TestClient[Litestar], client: TestClient[Litestar], commands: Commands
):
    client.get("/api/v1/schedules/schedule_none")
    response = nobody.get("/metrics")
    assert response.status_code == 200
    lines = response.text.splitlines()
    assert f"callboard_log_position {float(commands.log.head())}" in lines
    assert "callboard_database_up 1.0" in lines
    counted = [line for line in lines if line.startswith("callboard_requests_total{")]
    assert any('path="/api/v1/schedules/{schedule_id}"' in line and "404" in line for line in counted)
    assert "schedule_none" not in response.text


def test_metrics_answer_without_a_database(nobody: TestClient[Litestar], commands: Commands):
    commands.log.pool.close()
    response = nobody.get("/metrics")
    assert (response.status_code, "callboard_database_up 0.0" in response.text) == (200, True)


def test_the_documents_of_the_api_need_no_token(nobody: TestClient[Litestar]):
    document = nobody.get("/schema/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    for path, item in document["paths"].items():
        for method, operation in item.items():
            assert operation["operationId"], (method, path)
            assert operation["summary"], (method, path)
            assert operation["tags"], (method, path)


def test_me_is_the_user_of_the_token(client: TestClient[Litestar], reader: TestClient[Litestar]):
    me = client.get("/api/v1/me").json()
    assert me == {
        "id": me["id"],
        "email": "admin@callboard.local",
        "name": "Administrator",
        "is_system_admin": True,
    }
    assert reader.get("/api/v1/me").json()["email"] == "vic@x.test"


def test_callers_do_not_notice_that_every_connection_was_lost(
    client: TestClient[Litestar], commands: Commands, database: Database
):
    assert client.get("/api/v1/shows").status_code == 200
    with psycopg.connect(database.admin_url, autocommit=True) as owner:
        owner.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    assert [client.get("/api/v1/shows").status_code for _ in range(5)] == [200] * 5
