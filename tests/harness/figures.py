"""Figures that were taken several times, as a table."""

import statistics
from collections.abc import Mapping, Sequence


def table(figures: Mapping[str, Sequence[float]]) -> str:
    """Markdown: the middle one of each figure's runs, the least, the most, and how many runs there were."""
    rows = ["| figure | median | least | most | runs |", "|---|---:|---:|---:|---:|"]
    for name, runs in figures.items():
        told = " | ".join(f"{value:,.2f}" for value in (statistics.median(runs), min(runs), max(runs)))
        rows.append(f"| `{name}` | {told} | {len(runs)} |")
    return "\n".join(rows)
