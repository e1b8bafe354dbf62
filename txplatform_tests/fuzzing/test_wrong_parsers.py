"""Parsers with one mistake each, given to the same targets: every one is found in a few cases.

A property that holds of anything would let them through; then these tests fail.
"""

import unicodedata
from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from functools import partial
from operator import attrgetter

import pytest

from txplatform.connectors.files import Cell, Row
from txplatform.connectors.files.delimited import read_delimited
from txplatform.domains.spend.sources.dates import read_date
from txplatform.domains.spend.sources.parsing import (
    NumberSigns,
    Refusal,
    read_amount,
    read_name,
)
from txplatform_tests.fuzzing.distinct import Distinct
from txplatform_tests.fuzzing.shapes import shaped
from txplatform_tests.fuzzing.targets import Target, amounts, dates, delimited, names

AT_ONCE = 50
MOST_CASES = 20_000
"""Of millions in a campaign: whoever plants a mistake sees it within seconds."""

Amount = int | Refusal
Day = date | Refusal


def reads_through_a_float(cell: Cell, signs: NumberSigns) -> Amount:
    """Right up to 2^53 cents."""
    found = read_amount(cell, signs)
    return found if isinstance(found, Refusal) else int(float(found))


def rounds_a_third_decimal(cell: Cell, signs: NumberSigns) -> Amount:
    """5.285 becomes 5.28 instead of being refused."""
    found = read_amount(cell, signs)
    is_too_long = isinstance(found, Refusal) and found.rule == "AMOUNT_DECIMALS"
    return read_amount(str(cell)[:-1], signs) if is_too_long else found


def forgets_brackets(cell: Cell, signs: NumberSigns) -> Amount:
    """(15.75) is no refund any more."""
    text = cell.strip("()") if isinstance(cell, str) else cell
    return read_amount(text, signs)


def forgives_grouping(cell: Cell, signs: NumberSigns) -> Amount:
    """12,34,5 is 12345."""
    text = cell.replace(signs.thousands, "") if isinstance(cell, str) else cell
    return read_amount(text, signs)


def takes_any_digit(cell: Cell, signs: NumberSigns) -> Amount:
    """Arabic digits count, as Python's `int` takes them."""
    if isinstance(cell, str):
        cell = "".join(str(unicodedata.digit(one, one)) for one in cell)
    return read_amount(cell, signs)


def takes_exponents(cell: Cell, signs: NumberSigns) -> Amount:
    """1e5 is 100,000, as Python's `float` takes it."""
    is_science = isinstance(cell, str) and cell.casefold() == "1e5"
    return 10_000_000 if is_science else read_amount(cell, signs)


def refuses_without_a_reason(cell: Cell, signs: NumberSigns) -> Amount:
    """What is refused does not say why."""
    found = read_amount(cell, signs)
    return Refusal(found.rule, "") if isinstance(found, Refusal) else found


def refuses_the_largest(cell: Cell, signs: NumberSigns) -> Amount:
    """10^15 cents are too much."""
    found = read_amount(cell, signs)
    is_large = isinstance(found, int) and found > 10**15
    return Refusal("AMOUNT_RANGE", "too large") if is_large else found


def swaps_day_and_month(cell: Cell, date_format: str) -> Day:
    """MM/dd is read as dd/MM."""
    swapped = date_format.replace("dd", "__").replace("MM", "dd").replace("__", "MM")
    return read_date(cell, swapped if "MMM" not in date_format else date_format)


def guesses_the_century(cell: Cell, date_format: str) -> Day:
    """15 is 2015."""
    found = read_date(cell, date_format)
    is_short = isinstance(found, Refusal) and found.rule == "DATE_TWO_DIGIT_YEAR"
    return date(2015, 1, 1) if is_short else found


def takes_impossible_days(cell: Cell, date_format: str) -> Day:
    """31 June is 1 July or so."""
    found = read_date(cell, date_format)
    is_impossible = isinstance(found, Refusal) and found.rule == "DATE_IMPOSSIBLE"
    return date(2024, 7, 1) if is_impossible else found


def misses_leap_days(cell: Cell, date_format: str) -> Day:
    """29 February is the 28th."""
    found = read_date(cell, date_format)
    is_leap = isinstance(found, date) and (found.month, found.day) == (2, 29)
    return found - timedelta(1) if is_leap and isinstance(found, date) else found


def keeps_hidden_signs(text: str) -> str:
    """A zero-width space is part of the name."""
    return " ".join(text.split()).strip() or "(unknown)"


def keeps_two_forms(text: str) -> str:
    """An e with an accent is not an é."""
    return unicodedata.normalize("NFD", read_name(text))


def folds_case(text: str) -> str:
    """Roads are roads."""
    return read_name(text).casefold()


def trims_cells(lines: Iterator[str], delimiter: str, first_line: int) -> Iterable[Row]:
    """Blanks around a cell go."""
    for row in read_delimited(lines, delimiter, first_line):
        yield row._replace(cells=[str(cell).strip() for cell in row.cells])


def loses_what_follows_a_bad_line(
    lines: Iterator[str], delimiter: str, first_line: int
) -> Iterable[Row]:
    """The row after a line that cannot be read is not there."""
    is_after_a_bad_one = False
    for row in read_delimited(lines, delimiter, first_line):
        if not is_after_a_bad_one:
            yield row
        is_after_a_bad_one = row.problem is not None


def miscounts_lines(lines: Iterator[str], delimiter: str, first_line: int) -> Iterable[Row]:
    """Rows are numbered, not lines."""
    for number, row in enumerate(read_delimited(lines, delimiter, first_line)):
        yield row._replace(line=first_line + number)


WRONG: dict[Callable[..., object], Callable[..., int]] = {
    **dict.fromkeys((reads_through_a_float, rounds_a_third_decimal, forgets_brackets), amounts),
    **dict.fromkeys((forgives_grouping, takes_any_digit, takes_exponents), amounts),
    **dict.fromkeys((refuses_without_a_reason, refuses_the_largest), amounts),
    **dict.fromkeys((swaps_day_and_month, guesses_the_century), dates),
    **dict.fromkeys((takes_impossible_days, misses_leap_days), dates),
    **dict.fromkeys((keeps_hidden_signs, keeps_two_forms, folds_case), names),
    **dict.fromkeys((trims_cells, loses_what_follows_a_bad_line, miscounts_lines), delimited),
}


def cases_until_found(target: Target, name: str) -> int | None:
    """How many cases of its shape a target checks until it finds something; None: nothing."""
    distinct, seed = Distinct(), 0
    while distinct.total < MOST_CASES:
        seed += 1
        try:
            target(shaped(name, seed, AT_ONCE), distinct)
        except AssertionError:
            return distinct.total
    return None


@pytest.mark.parametrize("wrong", WRONG, ids=attrgetter("__name__"))
def test_a_wrong_parser_is_found(wrong: Callable[..., object]) -> None:
    target = WRONG[wrong]

    assert cases_until_found(partial(target, read=wrong), target.__name__) is not None


@pytest.mark.parametrize("target", sorted(set(WRONG.values()), key=attrgetter("__name__")))
def test_the_right_parser_passes(target: Target) -> None:
    distinct = Distinct()

    for seed in range(1, 11):
        target(shaped(target.__name__, seed, AT_ONCE), distinct)

    assert distinct.total > 100
