"""Do the things that a body names exist? Asked inside the command, so that nobody deletes them meanwhile;
every unknown or deleted one is told at once."""

from collections.abc import Iterable, Mapping, Sequence

from msgspec import UNSET

from domain.application import Unit
from domain.errors import FieldError, Invalid
from domain.schedule.changes import Add, Cancel, Needs, NewChange, Update
from domain.schedule.planning import NewSchedule, NewShow, ShowPatch
from domain.schedule.standalone import NewStandalone
from domain.schedule.state import Schedule, Show

CODE = "unknown_reference"


def check_schedule(unit: Unit, new: NewSchedule | NewStandalone) -> None:
    """Its studio and client. Raises Invalid."""
    named = [("studio_id", new.studio_id)] + ([("client_id", new.client_id)] if new.client_id else [])
    _check(unit, named)


def check_parking(unit: Unit, status_id: str) -> str:
    """The id of the status to park under, given by key or id. Raises Invalid."""
    found = unit.references.parking(unit.connection, status_id)
    if found is None:
        raise Invalid("park under `other` or a status of your own", errors=[_unknown("status_id", status_id)])
    return found


def check_shows(unit: Unit, shows: Sequence[NewShow]) -> Mapping[str, str]:
    """Everything that new shows name; paths such as `shows[3].room_id`. Answers the keys of their types and
    standards by what was given. Raises Invalid."""
    return _check_new(unit, [(f"shows[{index}].", show) for index, show in enumerate(shows)])


def check_show(unit: Unit, show: NewShow) -> Mapping[str, str]:
    """As `check_shows`, for a show that is the whole body. Raises Invalid."""
    return _check_new(unit, [("", show)])


def _check_new(unit: Unit, given: Sequence[tuple[str, NewShow]]) -> Mapping[str, str]:
    named = [each for prefix, show in given for each in _named(show, prefix)]
    shows = [show for _, show in given]
    types = unit.references.keys(unit.connection, "shtype", {show.show_type for show in shows})
    standards = unit.references.keys(unit.connection, "shstd", {show.show_standard for show in shows})
    wrong = [
        _unknown(f"{prefix}{field}", value)
        for prefix, show in given
        for field, value, known in (
            ("show_type", show.show_type, types),
            ("show_standard", show.show_standard, standards),
        )
        if value not in known
    ]
    _check(unit, named, wrong)
    return {**types, **standards}


def check_change(unit: Unit, schedule: Schedule, new: NewChange) -> tuple[str, Needs, str, Mapping[str, str]]:
    """Everything that a change names; paths such as `operations[3].set.room_id`. Answers its category's key
    and approval, its type's key, and keys of show types and standards by what was given. Raises Invalid."""
    references, connection = unit.references, unit.connection
    category = references.approval(connection, new.category)
    change_type = references.keys(connection, "chtype", [new.type]).get(new.type)
    wrong = [] if category else [_unknown("category", new.category)]
    wrong += [] if change_type else [_unknown("type", new.type)]
    named: list[tuple[str, str]] = []
    keys: dict[str, str] = {}
    for index, operation in enumerate(new.operations):
        match operation:
            case Add(show=show):
                path, said, had = f"operations[{index}].show.", show, None
            case Update(set=patch):
                path, said, had = f"operations[{index}].set.", patch, schedule.shows.get(operation.show_id)
            case Cancel():
                continue
        kept = _names_of(had)
        named += [(where, each) for where, each in _named(said, path) if each not in kept]
        wrong += _keyed(unit, said, had, path, keys)
    _check(unit, named, wrong)
    assert category  # noqa: S101 - _check raised otherwise
    return *category, change_type or "", keys


def _names_of(show: Show | None) -> set[str | None]:
    if show is None:
        return set()
    return {show.room_id, *show.creators, *(link.platform_id for link in show.platforms)}


def _keyed(
    unit: Unit, said: NewShow | ShowPatch, had: Show | None, path: str, keys: dict[str, str]
) -> list[FieldError]:
    """Fills `keys` with those of the type and standard that are said; what is unknown among them."""
    wrong: list[FieldError] = []
    for kind, field, given, present in (
        ("shtype", "show_type", said.show_type, had and had.show_type),
        ("shstd", "show_standard", said.show_standard, had and had.show_standard),
    ):
        if given is UNSET:
            continue
        known = {present: present} if present else {}
        known |= unit.references.keys(unit.connection, kind, [given])
        if given in known:
            keys[given] = known[given]
        else:
            wrong.append(_unknown(path + field, given))
    return wrong


def check_named(unit: Unit, named: Sequence[tuple[str, str]]) -> None:
    """Rows named by path and id. Raises Invalid."""
    _check(unit, named)


def check_patch(unit: Unit, patch: ShowPatch, show: Show) -> Mapping[str, str]:
    """What a patch newly names; what the show has already may stay, deleted or not. Answers the keys of
    type and standard by what was given. Raises Invalid."""
    had = _names_of(show)
    named = [(path, each) for path, each in _named(patch, "") if each not in had]
    keys: dict[str, str] = {}
    wrong = _keyed(unit, patch, show, "", keys)
    _check(unit, named, wrong)
    return keys


def _named(show: NewShow | ShowPatch, prefix: str) -> Iterable[tuple[str, str]]:
    """Paths and ids of the room, creators and platforms."""
    if show.room_id is not UNSET and show.room_id is not None:
        yield f"{prefix}room_id", show.room_id
    if show.creators is not UNSET:
        for index, creator in enumerate(show.creators):
            yield f"{prefix}creators[{index}]", creator
    if show.platforms is not UNSET:
        for index, platform in enumerate(show.platforms):
            yield f"{prefix}platforms[{index}].platform_id", platform.platform_id


_KINDS = {"room_id": "room", "creators": "creator", "platform_id": "platform"}


def _check(unit: Unit, named: Sequence[tuple[str, str]], wrong: Sequence[FieldError] = ()) -> None:
    live = unit.references.live(unit.connection, {each for _, each in named})
    found = [
        *wrong,
        *(_unknown(path, each) for path, each in named if each not in live or not _fits(path, each)),
    ]
    if found:
        raise Invalid.fields(sorted(found, key=lambda error: error.path))


def _fits(path: str, each: str) -> bool:
    """A live row is not enough: a room is no creator."""
    field = path.rpartition(".")[2].partition("[")[0]
    return each.startswith(_KINDS.get(field, field.removesuffix("_id")) + "_")


def _unknown(path: str, given: str) -> FieldError:
    return FieldError(path, CODE, f"{given} is unknown or deleted")
