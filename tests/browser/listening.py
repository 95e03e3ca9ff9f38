"""What a screen reader is told of a page: Chromium's own accessibility tree, which knows what styles do to
roles. axe-core looks at each element by itself; here are names, order and tables as they are heard."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

from playwright.sync_api import Page

_NAMED: Final = frozenset(
    {
        *("button", "link", "textbox", "searchbox", "combobox", "checkbox", "radio", "switch", "slider"),
        *("spinbutton", "DisclosureTriangle", "Date", "dialog", "image", "region", "navigation", "grid"),
        *("gridcell", "listbox", "progressbar"),
    }
)
"""Roles of what nobody understands without a name."""
_TABLES: Final = frozenset({"table", "grid"})
_CELLS: Final = frozenset({"cell", "gridcell", "rowheader", "columnheader"})
_SINGLE: Final = ("main", "banner")

Node = Mapping[str, Any]


def heard(page: Page) -> list[str]:
    """What would confuse who listens, in sentences; none if all is well."""
    session = page.context.new_cdp_session(page)
    tree: Any = session.send("Accessibility.getFullAXTree")  # pyright: ignore
    session.detach()
    nodes: dict[str, Node] = {node["nodeId"]: node for node in tree["nodes"]}
    told = [node for node in nodes.values() if not node.get("ignored")]
    return [*_unnamed(told), *_headings(told), *_tables(nodes, told), *_landmarks(told)]


def _unnamed(told: Sequence[Node]) -> Iterator[str]:
    for node in told:
        if _role(node) in _NAMED and not _name(node):
            yield f"a {_role(node)} without a name ({_known(node)})"


def _headings(told: Sequence[Node]) -> Iterator[str]:
    levels = [(_property(node, "level"), _name(node)) for node in told if _role(node) == "heading"]
    if [level for level, _ in levels].count(1) != 1:
        yield f"the headings of the first level are {[name for level, name in levels if level == 1]}"
    for (before, _), (level, name) in pairwise(levels):
        if level > before + 1:
            yield f"the heading {name!r} is of level {level} after one of level {before}"


def _tables(nodes: Mapping[str, Node], told: Sequence[Node]) -> Iterator[str]:
    for node in told:
        role = _role(node)
        if role in _CELLS:
            above = {_role(each) for each in _above(nodes, node)}
            if "row" not in above or not above & _TABLES:
                yield f"the {role} {_name(node)!r} is in no row of a table"
        elif role in _TABLES:
            inside = [_role(each) for each in _inside(nodes, node)]
            if "row" not in inside or not _CELLS & {*inside}:
                yield f"the {role} {_name(node)!r} has no rows with cells"
        elif role == "LayoutTable":
            yield "a table is told as no table"


def _landmarks(told: Sequence[Node]) -> Iterator[str]:
    for role in _SINGLE:
        count = sum(_role(node) == role for node in told)
        if count != 1:
            yield f"there are {count} landmarks {role}"
    names = [_name(node) for node in told if _role(node) == "navigation"]
    yield from (f"two places to navigate are called {name!r}" for name in {*names} if names.count(name) > 1)


def _above(nodes: Mapping[str, Node], node: Node) -> Iterator[Node]:
    while parent := nodes.get(node.get("parentId", "")):
        yield parent
        node = parent


def _inside(nodes: Mapping[str, Node], node: Node) -> Iterator[Node]:
    for child in node.get("childIds", ()):
        if child in nodes:
            yield nodes[child]
            yield from _inside(nodes, nodes[child])


def _role(node: Node) -> str:
    return node.get("role", {}).get("value", "")


def _name(node: Node) -> str:
    return node.get("name", {}).get("value", "").strip()


def _property(node: Node, name: str) -> Any:
    return next(
        (each["value"].get("value") for each in node.get("properties", ()) if each["name"] == name), None
    )


def _known(node: Node) -> str:
    return f"node {node.get('backendDOMNodeId')}"
