"""Lines over sizes as SVG, both axes logarithmic: what takes how long, and how much memory."""

import itertools
from collections.abc import Mapping, Sequence
from math import ceil, floor, log10
from typing import NamedTuple
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 860, 420
LEFT, RIGHT, TOP, BOTTOM = 70, 300, 40, 50
COLOURS = (
    "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#999999",
    "#7f3c8d", "#a5aa99", "#80ba5a",
)  # fmt: skip
"""The first seven can be told apart by the colour-blind (Okabe and Ito)."""

Point = tuple[float, float]


class Axes(NamedTuple):
    """The decades that an image shows, and where they are on it."""

    left: int
    right: int
    bottom: int
    top: int

    def at(self, x: float, y: float) -> Point:
        """Pixels of a point."""
        across = (log10(x) - self.left) / (self.right - self.left)
        up = (log10(y) - self.bottom) / (self.top - self.bottom)
        return LEFT + across * (WIDTH - LEFT - RIGHT), HEIGHT - BOTTOM - up * (
            HEIGHT - TOP - BOTTOM
        )


def svg(title: str, unit: str, lines: Mapping[str, Sequence[Point]]) -> str:
    """A line per name, through its points (documents, value)."""
    points = [point for line in lines.values() for point in line]
    low, high = min(y for _, y in points), max(y for _, y in points)
    axes = Axes(
        floor(log10(min(x for x, _ in points))),
        ceil(log10(max(x for x, _ in points))),
        floor(log10(low)),
        max(ceil(log10(high)), floor(log10(low)) + 1),
    )
    ends = _label_heights([axes.at(*line[-1])[1] for line in lines.values()])
    drawn = [
        _line(axes, name, line, COLOURS[number % len(COLOURS)], ends[number])
        for number, (name, line) in enumerate(lines.items())
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'width="{WIDTH}" height="{HEIGHT}" font-family="sans-serif" font-size="12" role="img">'
        f'<title>{escape(title)}</title><rect width="100%" height="100%" fill="#fff"/>'
        f'<text x="{LEFT}" y="22" font-size="15">{escape(title)}</text>'
        f"{_grid(axes, unit)}{''.join(drawn)}</svg>\n"
    )


def _label_heights(heights: Sequence[float], apart: float = 16) -> list[float]:
    """Where the labels go: near the ends of their lines, without covering each other."""
    order = sorted(range(len(heights)), key=heights.__getitem__)
    placed = list(heights)
    for above, one in itertools.pairwise(order):
        placed[one] = max(placed[one], placed[above] + apart)
    return placed


def _line(axes: Axes, name: str, line: Sequence[Point], colour: str, label: float) -> str:
    pixels = [axes.at(*point) for point in line]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in pixels)
    dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5"/>' for x, y in pixels)
    x, y = pixels[-1]
    start = WIDTH - RIGHT + 14
    return (
        f'<g fill="{colour}" stroke="{colour}"><polyline points="{path}" fill="none" '
        f'stroke-width="2"/>{dots}<path d="M{x:.1f},{y:.1f} L{start - 4},{label:.1f}" '
        f'stroke-width="0.5"/><text x="{start}" y="{label + 4:.1f}" stroke="none">'
        f"{escape(name)}</text></g>"
    )


def _grid(axes: Axes, unit: str) -> str:
    parts = []
    for power in range(axes.left, axes.right + 1):
        x, y = axes.at(10**power, 10**axes.bottom)
        top = axes.at(10**power, 10**axes.top)[1]
        parts.append(f'<path d="M{x:.1f},{y:.1f} V{top:.1f}" stroke="#ddd"/>')
        parts.append(
            f'<text x="{x:.1f}" y="{y + 18:.1f}" text-anchor="middle">{10**power:,}</text>'
        )
    for power in range(axes.bottom, axes.top + 1):
        x, y = axes.at(10**axes.left, 10**power)
        right = axes.at(10**axes.right, 10**power)[0]
        label = f"{10**power:,} {unit}" if power >= 0 else f"{10**power} {unit}"
        parts.append(f'<path d="M{x:.1f},{y:.1f} H{right:.1f}" stroke="#ddd"/>')
        parts.append(f'<text x="{x - 6:.1f}" y="{y + 4:.1f}" text-anchor="end">{label}</text>')
    parts.append(f'<text x="{(WIDTH - RIGHT) / 2}" y="{HEIGHT - 10}">documents</text>')
    return "".join(parts)
