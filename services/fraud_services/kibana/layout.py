"""Where panels stand: shelves from the top, filled from the left in the file's order."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from fraud_api.backends import Panel, PanelType

COLUMNS = 48
"""Width of Kibana's grid."""
_SIZES = {
    PanelType.METRIC: (12, 8),
    PanelType.PIE: (12, 14),
    PanelType.BAR: (12, 14),
    PanelType.LINE: (24, 14),
    PanelType.TIME_SERIES: (24, 14),
    PanelType.HEAT_MAP: (24, 14),
    PanelType.TABLE: (24, 14),
}


@dataclass(frozen=True)
class Cell:
    """A panel's place, in units of the grid."""

    x: int
    y: int
    w: int
    h: int


def layout(panels: Sequence[Panel]) -> list[Cell]:
    """A cell for each panel; none overlap, and every shelf is as wide as the grid and of one height."""
    cells: list[Cell] = []
    for shelf in _shelves(panels):
        top = cells[-1].y + cells[-1].h if cells else 0
        cells += _shelf(shelf, top)
    return cells


def _shelves(panels: Sequence[Panel]) -> list[list[Panel]]:
    shelves: list[list[Panel]] = []
    for panel in panels:
        if not shelves or sum(map(_width, [*shelves[-1], panel])) > COLUMNS:
            shelves.append([])
        shelves[-1].append(panel)
    return shelves


def _shelf(panels: Sequence[Panel], top: int) -> list[Cell]:
    whole = sum(map(_width, panels))
    height = max(_SIZES[panel.type][1] for panel in panels)
    edges = [sum(map(_width, panels[:place])) * COLUMNS // whole for place in range(len(panels) + 1)]
    return [Cell(left, top, right - left, height) for left, right in pairwise(edges)]


def _width(panel: Panel) -> int:
    """A table of single documents takes a whole shelf."""
    if panel.type is PanelType.TABLE and not panel.by:
        return COLUMNS
    return _SIZES[panel.type][0]
