"""The table of SPEC 9, cell by cell."""

import pytest

from domain.access import Access, Action, Membership, Switch

HERE, THERE, ACME, BOLT = "studio_here", "studio_there", "client_acme", "client_bolt"

ADMIN = Access(is_system_admin=True)
MANAGER = Access(memberships=(Membership(role="manager", studio_id=HERE),))
PLANNER = Access(memberships=(Membership(role="planner", studio_id=HERE),))
VIEWER = Access(memberships=(Membership(role="viewer", studio_id=HERE),))
APPROVER = Access(memberships=(Membership(role="client_approver", client_id=ACME),))
CLIENT_VIEWER = Access(memberships=(Membership(role="client_viewer", client_id=ACME),))
NOBODY = Access()

EVERY = set(Action)
PLANS = {Action.READ, Action.PLAN, Action.PROPOSE_CHANGE, Action.COMMENT}


def with_(access: Access, *switches: tuple[str, str, str | None, bool]) -> Access:
    """The same user where these features are switched."""
    made = tuple(
        Switch(feature=feature, user_type=who, studio_id=studio, enabled=on)
        for feature, who, studio, on in switches
    )
    return Access(is_system_admin=access.is_system_admin, memberships=access.memberships, switches=made)


CASES: list[tuple[str, Access, str, str, set[Action]]] = [
    ("admin", ADMIN, HERE, ACME, EVERY),
    ("manager", MANAGER, HERE, ACME, {Action.READ}),
    ("planner", PLANNER, HERE, ACME, {Action.READ}),
    ("viewer", VIEWER, HERE, ACME, {Action.READ}),
    ("nobody", NOBODY, HERE, ACME, {Action.READ}),
    ("approver", APPROVER, HERE, ACME, {Action.READ, Action.DECIDE, Action.COMMENT}),
    ("approver elsewhere", APPROVER, HERE, BOLT, {Action.READ}),
    ("client viewer", CLIENT_VIEWER, HERE, ACME, {Action.READ}),
    (
        "planning manager",
        with_(MANAGER, ("planning", "manager", None, True)),
        HERE,
        ACME,
        PLANS | {Action.DECIDE_FOR_STUDIO},
    ),
    (
        "planning manager elsewhere",
        with_(MANAGER, ("planning", "manager", None, True)),
        THERE,
        ACME,
        {Action.READ},
    ),
    ("planning planner", with_(PLANNER, ("planning", "planner", None, True)), HERE, ACME, PLANS),
    (
        "planner, managers plan",
        with_(PLANNER, ("planning", "manager", None, True)),
        HERE,
        ACME,
        {Action.READ},
    ),
    ("planner of the studio", with_(PLANNER, ("planning", "planner", HERE, True)), HERE, ACME, PLANS),
    ("planner of another", with_(PLANNER, ("planning", "planner", THERE, True)), HERE, ACME, {Action.READ}),
    (
        "planner, off here",
        with_(PLANNER, ("planning", "planner", None, True), ("planning", "planner", HERE, False)),
        HERE,
        ACME,
        {Action.READ},
    ),
    ("planning viewer", with_(VIEWER, ("planning", "planner", None, True)), HERE, ACME, {Action.READ}),
    (
        "approver with changes",
        with_(APPROVER, ("client_changes", "client_approver", None, True)),
        HERE,
        ACME,
        {Action.READ, Action.DECIDE, Action.COMMENT, Action.PROPOSE_CHANGE},
    ),
    (
        "approver without approval",
        with_(APPROVER, ("client_approval", "client_approver", None, False)),
        HERE,
        ACME,
        {Action.READ, Action.COMMENT},
    ),
    (
        "approver, not in this studio",
        with_(APPROVER, ("client_approval", "client_approver", HERE, False)),
        HERE,
        ACME,
        {Action.READ, Action.COMMENT},
    ),
]


@pytest.mark.parametrize(
    ("access", "studio", "client", "expected"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_each_role_may_do_what_the_table_says(
    access: Access, studio: str, client: str, expected: set[Action]
) -> None:
    assert {action for action in Action if access.may(action, studio, client)} == expected


def test_a_user_may_somewhere_what_one_membership_allows() -> None:
    planner = with_(PLANNER, ("planning", "planner", HERE, True))
    assert {action for action in Action if planner.may(action)} == PLANS
    assert {action for action in Action if APPROVER.may(action)} == {
        Action.READ,
        Action.DECIDE,
        Action.COMMENT,
    }


def test_nobody_approves_for_a_client_that_there_is_not() -> None:
    assert not APPROVER.may(Action.DECIDE, HERE, None)


def test_only_users_with_nothing_but_clients_are_bounded_to_them() -> None:
    both = Access(memberships=(*APPROVER.memberships, *VIEWER.memberships))
    assert [access.clients for access in (ADMIN, NOBODY, VIEWER, both, APPROVER, CLIENT_VIEWER)] == [
        None,
        None,
        None,
        None,
        frozenset({ACME}),
        frozenset({ACME}),
    ]
    assert [APPROVER.sees(client) for client in (ACME, BOLT, None)] == [True, False, False]
    assert [NOBODY.sees(client) for client in (ACME, BOLT, None)] == [True, True, True]
