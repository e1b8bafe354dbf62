"""The chart of `rules evaluate` as SVG: recall of each rule, and what the first per cents hold."""

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from txplatform.domains.spend.trial.evaluation import Evaluation

LABEL, BAR, LINE, TEXT = 190, 360, 24, 16
RULE, LIST = "#0072b2", "#d55e00"  # told apart by the colour-blind (Okabe and Ito)


def svg(found: "Evaluation") -> str:
    """A bar per rule (recall) and per share of the list (planted abuses found in it)."""
    bars = [(code, one.recall, RULE) for code, one in found.rules.items()]
    bars += [
        (f"found in first {percent} %", share, LIST)
        for percent, share in found.found_in_first.items()
    ]
    height = LINE * (len(bars) + 1)
    lines = "".join(_line(number, *bar) for number, bar in enumerate(bars, start=1))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{LABEL + BAR + 70}" height="{height}" '
        f'font-family="sans-serif" font-size="13" role="img">'
        f"<title>Planted abuses that the rules find</title>{lines}</svg>\n"
    )


def _line(number: int, label: str, share: float, colour: str) -> str:
    baseline = number * LINE
    return (
        f'<text x="{LABEL - 8}" y="{baseline}" text-anchor="end">{escape(label)}</text>'
        f'<rect x="{LABEL}" y="{baseline - 13}" width="{share * BAR:.1f}" height="{TEXT}" '
        f'fill="{colour}"/>'
        f'<text x="{LABEL + share * BAR + 6:.1f}" y="{baseline}">{share:.0%}</text>'
    )
