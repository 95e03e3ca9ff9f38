"""Users and tokens from the command line."""

import json
from pathlib import Path

import pytest

from api.http.security import verify
from api.settings import local_secret
from tests.api.cli.reading import ADMIN, Run, lines


def test_a_user_is_created_listed_and_found_in_the_log(run: Run) -> None:
    created = run("user", "create", "--email", "mai@example.com", "--name", "Mai", "--admin", "--json")
    user = json.loads(created.stdout)
    assert user == {
        "id": user["id"], "version": 1, "email": "mai@example.com", "name": "Mai",
        "is_system_admin": True, "is_banned": False, "external_subject": None,
    }  # fmt: skip
    assert json.loads(run("user", "list", "--json").stdout) == {
        "items": [
            {
                "id": ADMIN, "email": "admin@callboard.local", "name": "Administrator",
                "is_system_admin": True, "is_banned": False,
            },
            {
                "id": user["id"], "email": "mai@example.com", "name": "Mai",
                "is_system_admin": True, "is_banned": False,
            },
        ]
    }  # fmt: skip
    (event,) = lines(run("audit", "log", "--stream", user["id"], "--json"))
    assert (event["type"], event["command"], event["origin"]) == ("EntityCreated", "user.create", "cli")
    assert event["actor"] == {"id": ADMIN, "name": "Administrator", "type": "user"}


def test_a_password_is_read_from_standard_input_and_the_log_knows_who_set_it(run: Run) -> None:
    short = run("user", "password", stdin="short\n", status=2)
    assert short.stderr == "callboard: password: needs 12 to 200 characters\n"
    done = run(
        "user", "password", "--email", "ADMIN@callboard.local", "--json", stdin="correct horse battery\n"
    )
    assert json.loads(done.stdout) == {"id": ADMIN, "email": "ADMIN@callboard.local"}
    event = lines(run("audit", "log", "--json"))[-1]
    assert (event["type"], event["command"], event["data"]) == (
        "PasswordSet",
        "user.password",
        {"user_id": ADMIN},
    )


def test_the_list_of_users_is_a_table(run: Run) -> None:
    assert run("user", "list").stdout.splitlines() == [
        "email                  name           role   id",
        f"admin@callboard.local  Administrator  admin  {ADMIN}",
    ]


def test_who_acts_can_be_said_before_or_after_the_command(run: Run) -> None:
    run("user", "create", "--email", "mai@example.com", "--name", "Mai", "--admin")
    run("--as", "MAI@example.com", "user", "create", "--email", "a@example.com", "--name", "A")
    run("user", "create", "--email", "b@example.com", "--name", "B", "--as", "mai@example.com")
    assert [
        e["data"]["values"]["name"]
        for e in lines(run("audit", "log", "--actor", "mai@example.com", "--json"))
    ] == [
        "A",
        "B",
    ]


@pytest.mark.parametrize(
    ("arguments", "status", "line"),
    [
        (
            ("user", "create", "--email", "admin@callboard.local", "--name", "X"),
            1,
            "callboard: email: is taken",
        ),
        (
            ("user", "create", "--email", "nonsense", "--name", "X"),
            2,
            "callboard: --email: expected `str` matching regex '^[^@\\\\s]+@[^@\\\\s]+\\\\.[^@\\\\s]+$'",
        ),
        (
            ("user", "create", "--email", "x@example.com", "--name", "X", "--as", "nobody@example.com"),
            1,
            "callboard: nobody here is nobody@example.com: see `callboard user list`",
        ),
        (
            ("token", "--email", "nobody@example.com"),
            1,
            "callboard: nobody here is nobody@example.com: see `callboard user list`",
        ),
        (
            ("audit", "replay", "schedule_01jd000000e008000000000001"),
            1,
            "callboard: no stream schedule_01jd000000e008000000000001",
        ),
    ],
)
def test_a_refusal_is_one_line_on_standard_error(
    run: Run, arguments: tuple[str, ...], status: int, line: str
) -> None:
    result = run(*arguments, status=status)
    assert (result.stdout, result.stderr) == ("", line + "\n")


def test_only_administrators_act(run: Run) -> None:
    run("user", "create", "--email", "mai@example.com", "--name", "Mai")
    result = run(
        "--as", "mai@example.com", "user", "create", "--email", "x@example.com", "--name", "X", status=1
    )
    assert result.stderr == "callboard: mai@example.com may not do this: it takes a system administrator\n"


def test_a_token_stands_alone_on_standard_output(run: Run, tmp_path: Path) -> None:
    token = run("token", "--email", "Admin@callboard.local", "--ttl", "30m")
    assert token.stderr == ""
    assert verify(token.stdout.removesuffix("\n"), local_secret(tmp_path)).user_id == ADMIN
