"""What a user who is bounded to clients may know of others: that a room or creator is taken, not by whom."""

from collections.abc import Iterable

from msgspec import UNSET
from msgspec.structs import replace

from domain.conflicts import WISHES, Finding, Other


def masked(findings: Iterable[Finding], clients: Iterable[str] | None) -> list[Finding]:
    """Conflicts as a user sees them who is bounded to these clients: who else is there stays hidden."""
    if clients is None:
        return list(findings)
    return [_masked(finding, frozenset(clients)) for finding in findings]


def _masked(finding: Finding, clients: frozenset[str]) -> Finding:
    other = finding.other
    if other is not None and finding.code == "creator_unavailable" and finding.resource:
        hidden = replace(other, name="unavailable")
        return replace(finding, other=hidden, message=f"{finding.resource.name} is unavailable")
    if other is None or other.show_id is None or other.client_id in clients:
        return finding
    name = finding.resource.name if finding.resource else "it"
    hidden = Other(name="booked", status=other.status, since=other.since)
    waived = replace(finding.waived, reason="") if finding.waived else UNSET  # It may tell who is there.
    message = f"{name} is also wanted by others" if finding.code in WISHES else f"{name} is booked"
    return replace(finding, other=hidden, message=message, waived=waived)
