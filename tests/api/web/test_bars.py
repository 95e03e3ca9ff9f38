"""What may be done with a bar of the board, said before the server is asked."""

import pytest

from api.http.security import Principal
from api.web.board import bars
from domain.access import Access, Membership, Switch
from projections.board import BoardShow, Holder
from tests.api.web.test_lanes import show

ADMIN = Principal("user_1", "Ann", "ann@acme.example", is_system_admin=True)
VIEWER = Principal("user_2", "Vic", "vic@acme.example")
PLANNER = Principal(
    "user_3",
    "Pim",
    "pim@acme.example",
    access=Access(
        memberships=(Membership(role="planner", studio_id="studio_1"),),
        switches=(Switch(feature="planning", user_type="planner", enabled=True),),
    ),
)
CLIENT = Principal(
    "user_4",
    "Kim",
    "kim@acme.example",
    access=Access(
        memberships=(Membership(role="client_approver", client_id="client_1"),),
        switches=(Switch(feature="client_changes", user_type="client_approver", enabled=True),),
    ),
)


def in_studio(status: str) -> BoardShow:
    return show("a", 0, 60, status=status, studio_id="studio_1", client_id="client_1")


@pytest.mark.parametrize(
    ("who", "plan", "status", "said"),
    [
        (ADMIN, "draft", "draft", "edit"),
        (PLANNER, "draft", "draft", "edit"),
        (VIEWER, "draft", "draft", "role"),
        (CLIENT, "draft", "draft", "role"),
        (PLANNER, "confirmed", "confirmed", "change"),
        (PLANNER, "confirmed", "draft", "change"),
        (CLIENT, "confirmed", "confirmed", "change"),
        (VIEWER, "confirmed", "confirmed", "role"),
        (ADMIN, "confirmed", "live", "done"),
        (ADMIN, "draft", "cancelled", "done"),
        (ADMIN, "proposed", "draft", "proposed"),
        (ADMIN, "other", "draft", "other"),
    ],
)
def test_a_bar_says_before_what_the_server_will_say(who: Principal, plan: str, status: str, said: str):
    holder = Holder("schedule_1", "Acme May", plan, single=False, client_id="client_1")
    assert bars.mode(who, in_studio(status), holder, None) == said


def test_what_was_is_not_moved():
    holder = Holder("schedule_1", "Acme May", "draft", single=False, client_id="client_1")
    assert bars.mode(ADMIN, in_studio("draft"), holder, "2031-05-01T00:00:00Z") == "past"
    assert bars.mode(ADMIN, in_studio("draft"), None, None) == "compared"


@pytest.mark.parametrize(
    ("status", "plan", "approved", "state"),
    [
        ("draft", "draft", False, "draft"),
        ("draft", "proposed", False, "proposed"),
        ("draft", "proposed", True, "approved"),
        ("draft", "confirmed", True, "draft"),
        ("confirmed", "confirmed", True, "confirmed"),
        ("cancelled", "proposed", False, "cancelled"),
    ],
)
def test_a_draft_that_waits_for_the_client_is_no_mere_draft(
    status: str, plan: str, approved: bool, state: str
):
    holder = Holder("schedule_1", "Acme May", plan, single=False, client_id="client_1", approved=approved)
    assert bars.state(in_studio(status), holder) == state
    assert bars.state(in_studio(status), None) == status


@pytest.mark.parametrize(
    ("name", "client", "label"),
    [
        ("Launch", "Acme", "Launch\nAcme"),
        ("Launch", None, "Launch"),
        ("Tea Time: Acme", "Acme", "Tea Time: \nAcme"),
        ("Tea Time: Acme again", "Acme", "Tea Time: \nAcme again"),
        ("Acme Tea Time", "Acme", "Acme Tea Time"),
        ("TeaAcme", "Acme", "TeaAcme"),
    ],
)
def test_a_bar_tells_its_client_once(name: str, client: str | None, label: str):
    assert bars.label(show(name, 0, 60, client_name=client)) == label


@pytest.mark.parametrize(
    ("codes", "sign"),
    [
        (("room_overlap", "missing_platform"), "clash"),
        (("room_wanted",), "warn"),
        (("missing_room", "in_the_past"), ""),
        ((), ""),
    ],
)
def test_a_conflict_is_drawn_by_how_bad_it_is(codes: tuple[str, ...], sign: str):
    assert bars.sign(show("a", 0, 60, conflicts=codes)) == sign
