"""Exact decimals, dates and names as a reader's locale writes them; no float on the way.

A locale is Babel's, such as `en_GB` or `fr`. Names come from data: `as_text` keeps Streamlit
from reading them as Markdown.
"""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError, dates, numbers, units

REMEMBERED = 50_000
"""Babel takes a tenth of a millisecond per number, and a heat map has thousands."""

NO_BREAK = "\N{NO-BREAK SPACE}"
DASH = "\N{EN DASH}"
MONEY = "#,##0.00"
TENTH = Decimal("0.001")
"""A tenth of a per cent, to which people read shares."""
SIX_DAYS = timedelta(days=6)
WORD_JOINER = "\u2060"
MARKDOWN = re.compile(r"([!-/;-@\[-`{-~])")
DIRECTIVE = re.compile(r":(?=[\w+/-]+[:\[])")
BLANKS = re.compile(r"\s+")
Width = Literal["wide", "abbreviated"]


def known_locale(asked: str | None) -> str:
    """The locale that Babel knows of a browser's wish such as `fr-CA`; English without one."""
    try:
        return str(Locale.parse((asked or "en").replace("-", "_")))
    except (UnknownLocaleError, ValueError):
        return "en"


@lru_cache(REMEMBERED)
def money(amount: Decimal | None, locale: str, currency: str | None = None) -> str:
    """An amount with its two decimals, in the platform's currency where that is known."""
    if amount is None:
        return DASH
    if currency is None:
        return numbers.format_decimal(amount, MONEY, locale)
    return numbers.format_currency(amount, currency, locale=locale, currency_digits=False)


def whole(count: int | None, locale: str) -> str:
    """A number of things."""
    return DASH if count is None else numbers.format_decimal(count, locale=locale)


def number(value: Decimal | None, locale: str) -> str:
    """A decimal, every digit."""
    return (
        DASH
        if value is None
        else numbers.format_decimal(value, locale=locale, decimal_quantization=False)
    )


def decimals(value: Decimal | None, digits: int, locale: str) -> str:
    """A decimal with so many digits after the sign, half up: 0.5 to three is 0.500."""
    if value is None:
        return DASH
    rounded = value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    return numbers.format_decimal(rounded, f"#,##0.{'0' * digits}", locale)


def exact_share(fraction: Decimal | None, locale: str) -> str:
    """A fraction as per cent, every digit: 0.123456 is 12.3456%."""
    if fraction is None:
        return DASH
    return numbers.format_percent(fraction, locale=locale, decimal_quantization=False)


def share(fraction: Decimal | None, locale: str) -> str:
    """A fraction as per cent as people read it, to a tenth, half up: 0.123456 is 12.3%.

    Of what would be nothing then, the first digit that is something: 0.000123 is 0.01%.
    """
    return exact_share(_readable(fraction), locale)


def change(percent: Decimal | None, locale: str) -> str:
    """A change in per cent with its sign, as people read it."""
    return signed(percent, share, locale)


def exact_change(percent: Decimal | None, locale: str) -> str:
    """A change in per cent with its sign, every digit."""
    return signed(percent, exact_share, locale)


@lru_cache(REMEMBERED)
def even_share(fraction: Decimal | None, locale: str) -> str:
    """The same with its tenth if that is zero too: they stand in a column."""
    if fraction is None or _is_small(fraction):
        return share(fraction, locale)
    pattern = str(Locale.parse(locale).percent_formats[None].pattern)
    tenths = fraction.quantize(TENTH, ROUND_HALF_UP)
    return numbers.format_percent(tenths, pattern.replace("##0", "##0.0"), locale)


def _readable(fraction: Decimal | None) -> Decimal | None:
    if not fraction:
        return fraction
    to = Decimal(1).scaleb(fraction.adjusted()) if _is_small(fraction) else TENTH
    return fraction.quantize(to, ROUND_HALF_UP).normalize()


def _is_small(fraction: Decimal) -> bool:
    """Whether it would be written as nothing, being something."""
    return 0 < abs(fraction) < TENTH / 2


def signed(
    percent: Decimal | None, written: Callable[[Decimal | None, str], str], locale: str
) -> str:
    """A change in per cent with its sign, as `written` writes fractions."""
    if percent is None:
        return DASH
    return ("+" if percent > 0 else "") + written(percent / 100, locale)


@lru_cache(REMEMBERED)
def day(value: date | None, locale: str) -> str:
    """A day, such as 5 Jan 2026."""
    return DASH if value is None else dates.format_date(value, "medium", locale)


def calendar_name(kind: str, number: int, locale: str, width: Width = "wide") -> str:
    """The name of a weekday (Monday is 1) or of a month of the year, standing by itself.

    Args:
        kind: weekday or month.
        number: which one.
        locale: of the name.
        width: wide, or abbreviated.
    """
    if kind == "weekday":
        return str(dates.get_day_names(width, "stand-alone", locale)[number - 1])
    return str(dates.get_month_names(width, "stand-alone", locale)[number])


def week(monday: date, locale: str) -> str:
    """A calendar week by its first and last day and its ISO number with the year."""
    days = f"{day(monday, locale)} {DASH} {day(monday + SIX_DAYS, locale)}"
    return f"{days} ({_iso_week(monday)})"


def monday(first_day: date, locale: str) -> str:
    """A calendar week in short: its ISO number with the year, and its Monday."""
    return f"{_iso_week(first_day)} · {day(first_day, locale)}"


def _iso_week(first_day: date) -> str:
    year, number, _ = first_day.isocalendar()
    return f"{year}-W{number:02}"


@lru_cache(REMEMBERED)
def instant(moment: datetime | None, locale: str, time_zone: str) -> str:
    """A moment in the platform's time zone."""
    if moment is None:
        return DASH
    return dates.format_datetime(moment, "medium", ZoneInfo(time_zone), locale)


def span(length: timedelta, locale: str) -> str:
    """How long something takes, in its largest unit that is there twice: 90 seconds are 90 s."""
    seconds = length.total_seconds()
    sizes = {"day": 86_400, "hour": 3_600, "minute": 60}
    unit = next((name for name, size in sizes.items() if seconds >= 2 * size), "second")
    count = round(seconds / sizes.get(unit, 1))
    return units.format_unit(count, f"duration-{unit}", "short", locale=locale)


def as_text(written: object) -> str:
    """Text that Streamlit's Markdown shows character by character: `<b>`, `$x$` and `:red[x]`.

    Its colon directives and emoji codes are found after Markdown's own escapes are gone, so an
    invisible word joiner follows such a colon.
    """
    one_line = BLANKS.sub(lambda blanks: " " if "\n" in blanks[0] else blanks[0], str(written))
    return MARKDOWN.sub(r"\\\1", DIRECTIVE.sub(f":{WORD_JOINER}", one_line))
