"""Drawings made from the data: where each service stands on the actor map, and the bars of the measures."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import get_args

from knowledge.models import Measure, Ministry, Service, ServiceKind

#: Kinds of help that share a column of the map, in reading order.
COLUMNS: tuple[tuple[ServiceKind, ...], ...] = (
    ("emergency", "helpline"), ("online",), ("adviser", "team"), ("child-welfare", "shelter", "health"),
    ("authority", "legal"), ("organisation", "competence"),
)  # fmt: skip
#: Lanes for services without a ministry.
OWNERS = ("state", "municipal", "county", "ngo", "foundation", "mixed")
BOX_WIDTH, LINE_HEIGHT, PADDING, GAP, LANE_NAME, HEAD = 184, 17, 9, 12, 204, 76
LETTERS_A_LINE = 24


@dataclass(frozen=True)
class Box:
    """A service on the map."""

    service: Service
    x: int
    y: int
    height: int
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Lane:
    """A row of the map: a ministry's code or a kind of owner."""

    name: str
    y: int
    height: int


@dataclass(frozen=True)
class Arrow:
    """From a service that coordinates to one it coordinates or gives access to; `path` is SVG."""

    start: str
    end: str
    path: str


@dataclass(frozen=True)
class ActorMap:
    """The whole drawing."""

    width: int
    height: int
    lanes: tuple[Lane, ...]
    columns: tuple[tuple[int, tuple[ServiceKind, ...]], ...]
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]


def draw_actors(services: Mapping[str, Service], name: Callable[[Service], str]) -> ActorMap:
    """Rows by ministry or owner, columns by kind of help, arrows for who coordinates whom."""
    columns = [kinds for kinds in COLUMNS if any(s.kind in kinds for s in services.values())]
    boxes: list[Box] = []
    lanes: list[Lane] = []
    y = HEAD
    for lane in (*get_args(Ministry), *OWNERS):
        inside = [s for s in services.values() if lane_of(s) == lane]
        if not inside:
            continue
        bottoms = []
        for number, kinds in enumerate(columns):
            top = y + GAP
            for service in (s for s in inside if s.kind in kinds):
                lines = tuple(textwrap.wrap(name(service), LETTERS_A_LINE, max_lines=3, placeholder=" …"))
                height = len(lines) * LINE_HEIGHT + 2 * PADDING
                boxes.append(Box(service, LANE_NAME + number * (BOX_WIDTH + GAP), top, height, lines))
                top += height + GAP
            bottoms.append(top)
        lanes.append(Lane(lane, y, max(bottoms) - y))
        y = max(bottoms)
    width = LANE_NAME + len(columns) * (BOX_WIDTH + GAP)
    heads = tuple((LANE_NAME + number * (BOX_WIDTH + GAP), kinds) for number, kinds in enumerate(columns))
    return ActorMap(width, y + GAP, tuple(lanes), heads, tuple(boxes), tuple(_arrows(boxes)))


def lane_of(service: Service) -> str:
    """The code of the ministry, or the kind of owner when no source names a ministry."""
    return service.organization.ministry or service.organization.kind


def _arrows(boxes: Iterable[Box]) -> Iterable[Arrow]:
    by_id = {box.service.id: box for box in boxes}
    for start in by_id.values():
        for id in start.service.coordinates:
            if id in by_id:
                yield Arrow(start.service.id, id, _curve(start, by_id[id]))


def _curve(start: Box, end: Box) -> str:
    """From the side of one box to the nearest side of the other."""
    rightwards = end.x >= start.x
    x1, x2 = (start.x + BOX_WIDTH, end.x) if rightwards else (start.x, end.x + BOX_WIDTH)
    y1, y2 = start.y + start.height // 2, end.y + end.height // 2
    if start.x == end.x:
        x2, bend = end.x + BOX_WIDTH, 46
        return f"M{x1} {y1}C{x1 + bend} {y1} {x2 + bend} {y2} {x2} {y2}"
    bend = 40 if rightwards else -40
    return f"M{x1} {y1}C{x1 + bend} {y1} {x2 - bend} {y2} {x2} {y2}"


@dataclass(frozen=True)
class Bar:
    """How many measures of one area or ministry have each status, of `most` in the longest bar."""

    name: str
    ongoing: int
    completed: int
    unknown: int
    most: int

    @property
    def total(self) -> int:
        """All of them."""
        return self.ongoing + self.completed + self.unknown

    def share(self, count: int) -> float:
        """Length of a part, of 100."""
        return round(100 * count / self.most, 2)


def bars_of(measures: Iterable[Measure], names: Callable[[Measure], list[str]]) -> list[Bar]:
    """A bar for each name, in the order they come."""
    statuses: dict[str, dict[str, list[str]]] = {}
    for measure in measures:
        for name in names(measure):
            statuses.setdefault(name, {}).setdefault(counted(measure), []).append(measure.status)
    most = max((len(parts) for parts in statuses.values()), default=1)
    bars = []
    for name, parts in statuses.items():
        states = [_together(states) for states in parts.values()]
        bars.append(Bar(name, states.count("ongoing"), states.count("completed"), states.count("unknown"), most))
    return bars


def counted(measure: Measure) -> str:
    """What counts as one measure: 9a and 9b are measure 9, as the plan itself counts."""
    return measure.number.rstrip("ab")


def _together(states: list[str]) -> str:
    """Finished when every part is."""
    return states[0] if len(set(states)) == 1 else "ongoing"
