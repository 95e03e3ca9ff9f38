"""The demo month as it is laid out, checked by rules written down a second time."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest

from seeds import names
from seeds.chance import Dice
from seeds.demo_month import OLD_ROOM, DemoMonth, ShowPlan
from seeds.demo_plan import plan

MONTHS = ("2027-01", "2027-02", "2028-02", "2026-12")
BANGKOK = ZoneInfo("Asia/Bangkok")
laid_out = cache(plan)


def held(show: ShowPlan) -> tuple[datetime, datetime]:
    """What the show keeps its room for."""
    _, _, lead, turnaround = names.ROOMS[show.room or 0]
    return show.start - timedelta(minutes=lead), show.end + timedelta(minutes=turnaround)


def in_each_others_way(demo: DemoMonth) -> Iterator[tuple[str, str, str]]:
    """Every pair of shows that wants one room or one creator at one time: room, turnaround or creator,
    and both external ids in order."""
    shows = sorted(demo.shows, key=lambda s: (s.start, s.external_id))
    for number, one in enumerate(shows):
        for two in shows[number + 1 :]:
            if two.start > one.end + timedelta(hours=3):
                break
            pair = (one.external_id, two.external_id)
            together = one.start < two.end and two.start < one.end
            if one.room == two.room and one.room not in (None, OLD_ROOM):
                (a, b), (c, d) = held(one), held(two)
                if a < d and c < b:
                    yield ("room" if together else "turnaround", *pair)
            if together:
                for _ in set(one.creators) & set(two.creators):
                    yield ("creator", *pair)


@pytest.mark.parametrize("month", MONTHS)
def test_shows_are_in_each_others_way_only_where_it_was_planted(month: str) -> None:
    demo = laid_out(month)
    kinds = {
        "room_overlap": "room",
        "room_wanted": "room",
        "creator_overlap": "creator",
        "creator_wanted": "creator",
        "turnaround_short": "turnaround",
    }
    planted = [(kinds[p.code], *sorted(p.shows)) for p in demo.plants if len(p.shows) > 1]
    found = [(kind, *sorted(pair)) for kind, *pair in in_each_others_way(demo)]
    assert sorted(found) == sorted(planted)


@pytest.mark.parametrize("month", MONTHS)
def test_closures_meet_shows_only_where_it_was_planted(month: str) -> None:
    demo = laid_out(month)
    met = [
        ("room_closed" if show.start < closure.end and closure.start < show.end else "turnaround_short", show)
        for closure in (*demo.closed_before, *demo.closed_after)
        for show in demo.shows
        if show.room == closure.room and held(show)[0] < closure.end and closure.start < held(show)[1]
    ]
    planted = [(p.code, p.shows[0]) for p in demo.plants if p.code in ("room_closed", "turnaround_short")]
    alone = [(p.code, p.shows[0]) for p in demo.plants if p.code == "turnaround_short" and len(p.shows) > 1]
    assert sorted((code, show.external_id) for code, show in met) == sorted(set(planted) - set(alone))


@pytest.mark.parametrize("month", MONTHS)
def test_every_month_has_the_same_size(month: str) -> None:
    demo = laid_out(month)
    assert len(demo.shows) == len({show.external_id for show in demo.shows}) == 2_500
    assert {show.client for show in demo.shows} == set(range(50))
    assert {creator for show in demo.shows for creator in show.creators} == set(range(52))
    assert {show.room for show in demo.shows} == {*range(16), OLD_ROOM, None}
    assert {platform for show in demo.shows for platform in show.platforms} == {0, 1, 2}
    assert Counter(demo.stages) == {
        "draft": 25,
        "rejected": 1,
        "withdrawn": 1,
        "proposed": 5,
        "approved": 5,
        "confirmed": 10,
        "partly": 3,
    }
    assert Counter(plant.code for plant in demo.plants) == {
        "room_overlap": 28,
        "creator_overlap": 29,
        "turnaround_short": 5,
        "room_wanted": 5,
        "creator_wanted": 5,
        "room_closed": 4,
        "creator_banned": 4,
        "room_not_in_studio": 3,
        "outside_period": 3,
        "in_the_past": 3,
        "missing_room": 5,
        "missing_creator": 8,
        "missing_platform": 5,
    }


@pytest.mark.parametrize("month", MONTHS)
def test_shows_last_one_to_four_hours_on_studio_days_of_the_month_but_for_the_strays(month: str) -> None:
    demo = laid_out(month)
    assert {show.end - show.start for show in demo.shows} <= {
        timedelta(minutes=minutes) for minutes in range(60, 241, 30)
    }
    strays = {p.shows[0] for p in demo.plants if p.code in ("outside_period", "in_the_past")}
    days = {
        show.external_id: (show.start.astimezone(BANGKOK) - timedelta(hours=6)).date() for show in demo.shows
    }
    assert {name for name, day in days.items() if not demo.first <= day <= demo.last} == strays
    assert len(strays) == 6


@pytest.mark.parametrize("month", MONTHS)
def test_shows_run_overnight_across_the_studio_day_and_across_the_months_end(month: str) -> None:
    demo = laid_out(month)
    local = [(show.start.astimezone(BANGKOK), show.end.astimezone(BANGKOK)) for show in demo.shows]
    assert sum(start.date() < end.date() and end.hour > 0 for start, end in local) > 50
    assert sum(start.hour < 6 < end.hour and start.date() == end.date() for start, end in local) > 50
    after = datetime.combine(demo.last + timedelta(days=1), datetime.min.time(), BANGKOK)
    assert any(start < after < end for start, end in local)


def test_no_creator_is_on_air_for_more_than_eight_hours_of_a_clean_day() -> None:
    demo = laid_out("2027-01")
    planted = {name for plant in demo.plants for name in plant.shows}
    hours: Counter[tuple[int, date]] = Counter()
    for show in demo.shows:
        if show.external_id not in planted:
            day = (show.start.astimezone(BANGKOK) - timedelta(hours=6)).date()
            hours.update(dict.fromkeys(((c, day) for c in show.creators), (show.end - show.start).seconds))
    assert max(hours.values()) <= 8 * 3600


def test_a_month_is_laid_out_the_same_each_time_and_each_differs() -> None:
    assert plan("2027-01") == plan("2027-01")
    one, two = plan("2027-01"), plan("2027-03")
    assert [s.start.day for s in one.shows] != [s.start.day for s in two.shows]
    assert one.first == date(2027, 1, 1)
    assert one.last == date(2027, 1, 31)
    assert min(show.start for show in one.shows) < datetime(2026, 2, 1, tzinfo=UTC)


@pytest.mark.parametrize("month", ["2027", "2027-13", "January", "2027-01-01", "2027-1"])
def test_what_is_no_month_is_refused(month: str) -> None:
    with pytest.raises(ValueError, match=r"time data|unconverted|does not match"):
        plan(month)


def test_dice_give_the_same_draws_for_a_seed_on_every_machine() -> None:
    dice = Dice("callboard")
    assert [dice.below(6) for _ in range(8)] == [1, 3, 3, 3, 1, 4, 4, 4]
    assert sorted(dice.shuffled(range(20))) == list(range(20))
