"""What an import would do to each show, as an export writes its values. Pure."""

from collections.abc import Mapping
from typing import Any, Literal

from domain.importing.choosing import Planned
from domain.importing.names import Names
from domain.importing.reading import Wanted, local
from domain.importing.targets import Target
from domain.importing.waiting import SPAN
from domain.schedule.state import Schedule, Show


class Telling:
    """Fills `rows` while a diff is made, one entry a show that changes."""

    def __init__(self, names: Names) -> None:
        self.rows: list[Planned] = []
        self._names = names

    def plan(
        self,
        target: Target,
        row: Wanted,
        show_id: str,
        what: Literal["created", "updated"],
        *,
        was: Show | None = None,
        values: Mapping[str, Any],
    ) -> None:
        """A row's show gets these values; `was` is the show so far, None for a new one."""
        texts = {
            column_of(name): {
                "from": self.text(row, name, getattr(was, name)) if was else "",
                "to": self.text(row, name, value),
            }
            for name, value in values.items()
        }
        self.rows.append(
            Planned(
                row=row.row,
                what=what,
                asked=_is_confirmed(target),
                show_id=show_id,
                external_id=row.external_id or "",
                name=row.name,
                schedule=target.name,
                fields={name: step for name, step in texts.items() if step["from"] != step["to"]},
            )
        )

    def gone(self, target: Target, schedule: Schedule, show: Show) -> None:
        """A show that the file has no more."""
        studio = self._names.row(schedule.studio_id)
        zone = studio.time_zone if studio else "UTC"
        span = {name: local(getattr(show, name), zone) for name in SPAN}
        room = self._names.label(show.room_id, schedule.studio_id) if show.room_id else ""
        self.rows.append(
            Planned(
                row=None,
                what="removed",
                asked=_is_confirmed(target),
                show_id=show.id,
                external_id=show.external_id or "",
                name=show.name,
                schedule=target.name,
                fields={name: {"from": text, "to": ""} for name, text in {**span, "room": room}.items()},
            )
        )

    def text(self, row: Wanted, name: str, value: Any) -> str:
        """A value of a row's show as an export writes it."""
        match name:
            case "start" | "end":
                return local(value, row.studio.time_zone)
            case "room_id":
                return self._names.label(value, row.studio.id) if value else ""
            case "creators":
                return "; ".join(map(self._names.label, value))
            case "platforms":
                return "; ".join(self._names.label(link.platform_id) for link in value)
            case _:
                return str(value)


def column_of(name: str) -> str:
    """In which column of a file a show's field is."""
    return "room" if name == "room_id" else name


def _is_confirmed(target: Target) -> bool:
    return target.schedule is not None and target.schedule.status == "confirmed"
