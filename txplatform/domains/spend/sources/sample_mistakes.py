"""The bad rows of the sample: for every rule that can refuse a CSV row, one way to break it."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from random import Random

DEPARTMENT, MERCHANT, DATE, AMOUNT = 2, 4, 6, 7
Mistake = Callable[[Random, list[str]], str]


def csv_line(cells: Sequence[str]) -> str:
    """One line of CSV, its end included."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue()


def _with(at: int, *texts: str) -> Mistake:
    def mistake(chance: Random, cells: list[str]) -> str:
        return csv_line([*cells[:at], chance.choice(texts), *cells[at + 1 :]])

    return mistake


def _missing_cell(chance: Random, cells: list[str]) -> str:
    return csv_line([*cells[:MERCHANT], *cells[MERCHANT + 1 :]])


def _open_quote(chance: Random, cells: list[str]) -> str:
    broken = [*cells[:MERCHANT], "PLACEHOLDER", *cells[MERCHANT + 1 :]]
    return csv_line(broken).replace("PLACEHOLDER", '"JOE"S DINER')


def _header(chance: Random, cells: list[str]) -> str:
    return (
        "FISCAL_YEAR,FISCAL_PERIOD,DEPT_NAME,DIV_NAME,MERCHANT,CAT_DESCR,TRANS_DT,MERCHANDISE_AMT\n"
    )


MISTAKES: Mapping[str, Mistake] = {
    "AMOUNT_EMPTY": _with(AMOUNT, "", "  "),
    "AMOUNT_TEXT": _with(AMOUNT, "see invoice", "1e5", "NaN", "--"),
    "AMOUNT_DECIMALS": _with(AMOUNT, "12.345", "0.3333"),
    "AMOUNT_GROUPING": _with(AMOUNT, "12,34,5", "1,62.00", "0,125"),
    "AMOUNT_DIGITS": _with(AMOUNT, "٤٢.٠٠", "１２.５０"),
    "AMOUNT_RANGE": _with(AMOUNT, "99999999999999999.00"),
    "CURRENCY": _with(AMOUNT, "€45.00", "£18.20"),
    "DATE_EMPTY": _with(DATE, ""),
    "DATE_FORMAT": _with(DATE, "2025-03-14", "14 March", "pending"),
    "DATE_IMPOSSIBLE": _with(DATE, "02/30/2025", "13/01/2025", "00/10/2025"),
    "DATE_TWO_DIGIT_YEAR": _with(DATE, "03/14/25"),
    "DATE_FUTURE": _with(DATE, "01/15/2199"),
    "DATE_BEFORE_FIRST_WEEK": _with(DATE, "06/30/1999"),
    "NAME_TOO_LONG": _with(DEPARTMENT, "DEPARTMENT OF " + "VERY " * 80 + "LONG NAMES"),
    "WRONG_CELL_COUNT": _missing_cell,
    "UNREADABLE_LINE": _open_quote,
    "HEADER_REPEATED": _header,
    "BLANK_ROW": lambda chance, cells: chance.choice((",,,,,,,\n", "\n")),
}
