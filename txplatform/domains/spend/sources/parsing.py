"""What one cell means: exact amounts in cents, dates, names; or why it is refused.

docs/layouts.md says the rules. Text repeats in real files (15,854 merchants in
185,908 rows), so that a table is read by readers that remember, in bounded memory.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from bson.decimal128 import Decimal128

from txplatform.connectors.files import Cell
from txplatform.connectors.files.workbook_oddities import UNCOMPUTED
from txplatform.domains.spend.sources.remembering import REMEMBERED, is_short

UNKNOWN = "(unknown)"
LARGEST_AMOUNT_DIGITS = 16  # before the cents: numeric(18, 2)
SIGN = 1 << 127
SPACES = " \u00a0\u202f\u2009"
MINUS = "\u2212"
"""What word processors and some web pages make of a hyphen before a number."""
DROPPED_CATEGORIES = frozenset({"Cc", "Cf", "Cs"})  # Cs: lone surrogates have no UTF-8 form


class Refusal(NamedTuple):
    """Why a cell or row is refused: a rule that can be counted and a reason in words."""

    rule: str
    reason: str


CELL_ERRORS = (
    "#N/A #REF! #VALUE! #DIV/0! #NAME? #NULL! #NUM! #SPILL! #CALC! #FIELD! #GETTING_DATA "
    "#BLOCKED! #CONNECT! #UNKNOWN! #ERROR!"
)
NO_VALUES: Mapping[object, Refusal] = {
    **{
        error: Refusal("CELL_ERROR", f"the spreadsheet says {error}")
        for error in CELL_ERRORS.split()
    },
    UNCOMPUTED: Refusal("FORMULA_EMPTY", "a formula whose value was never saved"),
}
"""What spreadsheets show where there is no value, also in files saved from them."""


class NumberSigns(NamedTuple):
    """How a layout writes amounts; `currency` is an ISO 4217 code."""

    decimal: str = "."
    thousands: str = ","
    currency: str = "USD"


DOLLARS = "USD CAD AUD NZD SGD HKD TWD MXN ARS CLP COP UYU BBD BSD BZD FJD GYD JMD LRD NAD TTD XCD"
CURRENCY_SIGNS = {
    "$": frozenset(DOLLARS.split()),
    "€": frozenset({"EUR"}),
    "£": frozenset({"GBP", "EGP", "FKP", "GIP", "SHP"}),
    "¥": frozenset({"JPY", "CNY"}),
}

# --- amounts ---------------------------------------------------------------------------------


def read_amount(cell: Cell, signs: NumberSigns) -> int | Refusal:
    """The amount in cents, exactly; a typed number counts with its value."""
    if isinstance(cell, str):
        return _amount_of_text(cell, signs)
    if cell is None:
        return Refusal("AMOUNT_EMPTY", "the amount is empty")
    if isinstance(cell, (bool, date)):
        return Refusal("AMOUNT_TEXT", f"{cell!s:.40} is not an amount")
    return _cents(Decimal(cell), str(cell))


def _amount_of_text(text: str, signs: NumberSigns) -> int | Refusal:
    stripped = text.strip().replace(MINUS, "-")
    if not stripped:
        return Refusal("AMOUNT_EMPTY", "the amount is empty")
    found = _amount_pattern(signs).fullmatch(stripped)
    if found is None:
        return _why_not_an_amount(stripped, signs)
    marks = [mark for name in ("open", "before", "inside", "after") if (mark := found[name])]
    is_half_open = bool(found["open"]) != bool(found["close"])
    currencies = [found[name] for name in ("outside", "prefix", "suffix") if found[name]]
    if len(marks) > 1 or is_half_open or len(currencies) > 1:
        return Refusal("AMOUNT_TEXT", f"{text!r:.60} is not an amount")
    written = currencies[0] if currencies else ""
    if written and not _is_sign_of(written, signs.currency):
        return Refusal("CURRENCY", f"{text!r:.60} is written in {written}, not {signs.currency}")
    whole = re.sub(r"[^0-9]", "", found["whole"]).lstrip("0")
    if len(whole) > LARGEST_AMOUNT_DIGITS:
        return _too_large(text)
    cents = int(f"{whole}{found['fraction'] or '':0<2}")
    return -cents if marks and marks != ["+"] else cents


def _cents(number: Decimal, written: str) -> int | Refusal:
    """Exact, and without ever building the integer that `1E+999999999` stands for."""
    sign, digits, exponent = number.as_tuple()
    if not isinstance(exponent, int):
        return Refusal("AMOUNT_TEXT", f"{written!r:.60} is not an amount")
    if number and number.adjusted() >= LARGEST_AMOUNT_DIGITS:
        return _too_large(written)
    below_cents = max(0, -2 - exponent)
    kept, dropped = digits[: len(digits) - below_cents], digits[len(digits) - below_cents :]
    if below_cents >= len(digits):
        kept, dropped = (), digits
    if any(dropped):
        return Refusal("AMOUNT_DECIMALS", f"{written!r:.60} has more than two decimals")
    cents = int("".join(map(str, kept)) or 0) * 10 ** max(0, exponent + 2) if number else 0
    return -cents if sign else cents


def _too_large(written: str) -> Refusal:
    return Refusal("AMOUNT_RANGE", f"{written!r:.60} has more than 16 digits before the cents")


@lru_cache(64)
def _amount_pattern(signs: NumberSigns) -> re.Pattern[str]:
    spaces = f"[{SPACES}]"
    grouping = f"(?:{spaces}|{re.escape(signs.thousands)})" if signs.thousands else spaces
    money, decimal = f"[{''.join(CURRENCY_SIGNS)}]|[A-Z]{{3}}", re.escape(signs.decimal)
    return re.compile(
        rf"(?P<outside>(?:{money})(?=\())?(?P<open>\()?{spaces}*(?P<before>[-+])?{spaces}*(?P<prefix>{money})?{spaces}*"
        rf"(?P<inside>[-+])?{spaces}*(?=(?:{decimal})?[0-9])"
        rf"(?P<whole>[0-9]*|[1-9][0-9]{{0,2}}(?P<group>{grouping})[0-9]{{3}}"
        rf"(?:(?P=group)[0-9]{{3}})*)"
        rf"(?:{decimal}(?P<fraction>[0-9]{{0,2}})0*)?"
        rf"{spaces}*(?P<after>[-+])?{spaces}*(?P<suffix>{money})?{spaces}*(?P<close>\))?"
    )


def _is_sign_of(written: str, currency: str) -> bool:
    return written == currency or currency in CURRENCY_SIGNS.get(written, ())


def _why_not_an_amount(text: str, signs: NumberSigns) -> Refusal:
    if text in NO_VALUES:
        return NO_VALUES[text]
    shown = f"{text!r:.60}"
    if any(char.isdigit() and not char.isascii() for char in text):
        return Refusal("AMOUNT_DIGITS", f"{shown} has digits other than 0-9")
    core = re.sub(r"^[^0-9]+|[^0-9]+$", "", text)
    grouped = rf"[0-9][0-9{re.escape(signs.thousands)}{SPACES}]*"
    if re.fullmatch(rf"{grouped}{re.escape(signs.decimal)}[0-9]{{3,}}", core):
        return Refusal("AMOUNT_DECIMALS", f"{shown} has more than two decimals")
    is_grouped = re.search(rf"[{re.escape(signs.thousands)}{SPACES}]", core)
    if is_grouped and re.fullmatch(rf"{grouped}(?:{re.escape(signs.decimal)}[0-9]{{1,2}})?", core):
        return Refusal("AMOUNT_GROUPING", f"{shown} has its thousands signs in odd places")
    return Refusal("AMOUNT_TEXT", f"{shown} is not an amount")


@lru_cache(REMEMBERED)
def decimal128(cents: int) -> Decimal128:
    """The amount as MongoDB keeps it, with two decimals.

    Its bits are those of IEEE 754-2008: sign, exponent -2 (biased by 6176), integer coefficient.
    """
    bits = SIGN * (cents < 0) | 6176 - 2 << 113 | abs(cents)
    return Decimal128.from_bid(bits.to_bytes(16, "little"))


def money(cents: int) -> Decimal:
    """The amount as a decimal with two decimals."""
    return Decimal(cents).scaleb(-2)


# --- names -----------------------------------------------------------------------------------


def read_name(cell: Cell) -> str:
    """The name as the platform keeps it; blank becomes `(unknown)`."""
    return read_text(cell) or UNKNOWN


def read_id(cell: Cell) -> str:
    """The id of a row: its text, trimmed, with a sign for what no database keeps (NUL)."""
    if not isinstance(cell, str):
        return read_text(cell)
    return cell.strip().replace("\0", "\u2400").encode(errors="ignore").decode()


def read_text(cell: Cell) -> str:
    """Text as the platform keeps it: NFC, no invisible characters, single spaces, trimmed."""
    if isinstance(cell, str):
        return _clean(cell) if is_short(cell) else _clean.__wrapped__(cell)
    if cell is None:
        return ""
    if isinstance(cell, Decimal) and cell.is_finite() and abs(cell.adjusted()) < 30:
        # Excel and mongoimport turn the text 4711 into the double 4711.0.
        return f"{cell:.0f}" if cell == cell.to_integral_value() else f"{cell:f}"
    return str(cell)


@lru_cache(REMEMBERED)
def _clean(text: str) -> str:
    spaced = " ".join(text.split())
    if not spaced.isascii() or not spaced.isprintable():
        kept = (char for char in spaced if unicodedata.category(char) not in DROPPED_CATEGORIES)
        spaced = " ".join(unicodedata.normalize("NFC", "".join(kept)).split())
    return spaced


def read_period(cell: Cell) -> int | str | None:
    """A fiscal year or period: a number where it is one, else its text; None where blank.

    It carries no money, so that an odd spelling (`2015/16`, `P07`) never refuses a purchase.
    """
    cleaned = read_text(cell)
    return int(cleaned) if re.fullmatch("[0-9]{1,9}", cleaned) else cleaned or None
