"""The numbers by which values are believed and days are judged, read from two files.

`rules.toml` says what is invalid or suspect, `levels.toml` what days, hours and years are held
against. Code holds neither.
"""

import tomllib
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from txplatform.domains.air_quality.transforms.exact import scaled
from txplatform.domains.air_quality.transforms.parameters import POLLUTANTS
from txplatform.errors import UsageError

RULES = Path(__file__).with_name("rules.toml")
LEVELS = Path(__file__).with_name("levels.toml")
WIDEST, WIDEST_POLLUTANT = 5_000, 2_000
"""Sums of a day, and 168ths of an 8-hour mean, of larger values would not fit 64 bits."""


class Rules(NamedTuple):
    """Parameters of the flags, the completeness rule and the alarms; bounds are scaled values."""

    version: str
    ranges: Mapping[str, tuple[int, int]]
    negative: Mapping[str, int]
    flat_hours: int
    pm_ratio: Decimal
    humid_above: int
    spike_window: int
    spike_least: int
    spike_deviations: int
    share: Decimal
    legal_share: Decimal
    sign_days: int
    sign_values: int
    sign_share: Decimal
    heat_days: int
    heat_values: int
    heat_correlation: float
    moved_days: int
    moved_degrees: int


class Level(NamedTuple):
    """One level of one published set."""

    code: str
    name: str
    title: str
    since: date
    until: date | None
    is_law: bool
    parameter: str
    mean: str
    level: Decimal
    allowed: int | None
    percentile: Decimal | None


@cache
def load_rules(own: Path | None = None) -> Rules:
    """Read the parameters of the flags: the shipped ones, or those of a file of one's own.

    Raises:
        UsageError: the file cannot be read; the sentence names it.
    """
    file = own or RULES
    try:
        return _rules(tomllib.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError, InvalidOperation) as error:
        raise UsageError(f"The rules in {file} cannot be used: {error!r:.200}.") from None


def _rules(parts: dict[str, Any]) -> Rules:
    drift, spike = parts["drift"], parts["spike"]
    ranges = {name: (int(low), int(high)) for name, (low, high) in parts["range"].items()}
    for name, (low, high) in ranges.items():
        widest = WIDEST_POLLUTANT if name in POLLUTANTS else WIDEST
        if low >= high or max(-low, high) > widest:
            raise ValueError(f"the range of {name} must rise and lie within {widest}")
    return Rules(
        version=parts["version"],
        ranges={name: (_int(low), _int(high)) for name, (low, high) in ranges.items()},
        negative={name: _int(low) for name, low in parts["negative"].items()},
        flat_hours=parts["flat"]["hours"],
        pm_ratio=Decimal(parts["pm_order"]["ratio"]),
        humid_above=_int(parts["humid"]["above"]),
        spike_window=spike["window_hours"],
        spike_least=spike["least_steps"],
        spike_deviations=spike["deviations"],
        share=Decimal(parts["completeness"]["share"]),
        legal_share=Decimal(parts["completeness"]["legal_share"]),
        sign_days=drift["sign_days"],
        sign_values=drift["sign_values"],
        sign_share=Decimal(drift["sign_share"]),
        heat_days=drift["heat_days"],
        heat_values=drift["heat_values"],
        heat_correlation=float(drift["heat_correlation"]),
        moved_days=parts["moved"]["days"],
        moved_degrees=_int(parts["moved"]["degrees"]),
    )


def _int(number: str | int) -> int:
    return scaled(Decimal(number))


@cache
def load_levels(own: Path | None = None) -> tuple[Level, ...]:
    """Read the dated table of levels: the shipped one, or that of a file of one's own.

    Raises:
        UsageError: the file cannot be read; the sentence names it.
    """
    file = own or LEVELS
    try:
        parts = tomllib.loads(file.read_text(encoding="utf-8"))
        return tuple(
            _level(code, part, entry) for code, part in parts.items() for entry in part["levels"]
        )
    except (OSError, ValueError, KeyError, TypeError, InvalidOperation) as error:
        raise UsageError(f"The levels in {file} cannot be used: {error!r:.200}.") from None


def _level(code: str, part: dict[str, Any], entry: dict[str, Any]) -> Level:
    share = entry.get("percentile")
    return Level(
        code=code,
        name=part["name"],
        title=part["title"],
        since=part["from"],
        until=part.get("until"),
        is_law=part["is_law"],
        parameter=entry["parameter"],
        mean=entry["mean"],
        level=Decimal(entry["level"]),
        allowed=entry.get("allowed"),
        percentile=Decimal(share) if share else None,
    )
