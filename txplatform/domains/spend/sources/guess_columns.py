"""Which columns of a sample look like which field: by their names, and by what they hold."""

import difflib
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from txplatform.connectors.files import Cell
from txplatform.domains.spend.sources.columns import is_blank, normal
from txplatform.domains.spend.sources.dates import read_date
from txplatform.domains.spend.sources.parsing import (
    CURRENCY_SIGNS,
    NumberSigns,
    Refusal,
    read_amount,
)
from txplatform.errors import SourceError

LIKE = 0.7
MOSTLY = 0.9

DATES = ("transaction date", "trans date", "trans dt", "date", "purchase date", "payment date")
AMOUNTS = ("amount", "transaction amt", "net amount", "merchandise amt", "value", "total", "price")
IDS = ("transaction id", "transaction number", "transaction reference", "reference", "id")
TEXTS: Mapping[str, tuple[str, ...]] = {
    "department": ("department", "dept name", "directorate", "service area", "organisation"),
    "division": ("division", "div name", "cost centre", "cost center", "section", "team", "unit"),
    "merchant": ("merchant name", "merchant", "supplier name", "vendor", "payee", "beneficiary"),
    "category": ("category", "cat descr", "expense type", "merchant type description", "purpose"),
    "fiscal_year": ("fiscal year", "financial year"),
    "fiscal_period": ("fiscal period", "financial period"),
}
DAYS = (
    "yyyy-MM-dd",
    "MM/dd/yyyy",
    "dd/MM/yyyy",
    "dd.MM.yyyy",
    "dd-MM-yyyy",
    "MM-dd-yyyy",
    "yyyy/MM/dd",
    "dd MMM yyyy",
    "dd-MMM-yyyy",
    "MMM d, yyyy",
    "yyyyMMdd",
)
DATE_FORMATS = tuple(
    day + time for day in DAYS for time in ("", " HH:mm", " HH:mm:ss", "THH:mm:ss")
)
SIGNS = ((".", ","), (",", "."), (",", " "), (".", "'"))


class Sample(NamedTuple):
    """The first rows of a file under its header."""

    file: str
    header: Sequence[str]
    rows: Sequence[Sequence[Cell]]

    def column(self, name: str) -> list[Cell]:
        """The cells of a column that are not blank."""
        at = self.header.index(name)
        return [row[at] for row in self.rows if not is_blank(row[at])]


class GuessedColumns(NamedTuple):
    """What the columns seem to hold, and how dates and amounts are written."""

    columns: dict[str, list[str]]
    unsure: set[str]
    date_format: str
    other_date_format: str | None
    signs: NumberSigns
    negate: list[str]
    id_column: str | None
    currency_column: str | None


def guess_columns(sample: Sample) -> GuessedColumns:
    """Guess the columns of a sample.

    Raises:
        SourceError: none of them holds dates, or none holds amounts.
    """
    free = [name for name in sample.header if name.strip() and sample.column(name)]
    date_column, formats = _date_column(sample, free)
    free.remove(date_column)
    amounts, signs, negate = _amount_columns(sample, free)
    free = [name for name in free if name not in amounts]
    currency_column = _most_alike([n for n in free if _is_currency(sample, n)], ("currency",))
    if currency_column:
        codes = Counter(str(cell) for cell in sample.column(currency_column))
        signs = signs._replace(currency=codes.most_common(1)[0][0])
    free = [name for name in free if not _is_currency(sample, name)]
    texts, unsure = _text_columns(sample, free)
    free = [name for name in free if name not in texts.values()]
    return GuessedColumns(
        columns={"transaction_date": [date_column], "amount": amounts}
        | {field: [name] for field, name in texts.items()},
        unsure=unsure,
        date_format=formats[0],
        other_date_format=formats[1] if len(formats) > 1 else None,
        signs=signs,
        negate=negate,
        id_column=_most_alike([name for name in free if _is_id(sample, name)], IDS),
        currency_column=currency_column,
    )


def _text_columns(sample: Sample, names: Sequence[str]) -> tuple[dict[str, str], set[str]]:
    """The columns of the text fields, and the fields whose column is little more than a hunch."""
    free, found = list(names), {}
    for field, like in TEXTS.items():
        if name := _most_alike(free, like):
            found[field] = name
            free.remove(name)
    if "department" in found:
        return found, set()
    if "division" in found:  # one level only: it is the department
        found["department"] = found.pop("division")
    else:
        found["department"] = _most_repeated(sample, free)
    return found, {"department"}


def _date_column(sample: Sample, names: Sequence[str]) -> tuple[str, list[str]]:
    formats = {name: _date_formats(sample.column(name)) for name in names}
    dated = [name for name in names if formats[name]]
    if not dated:
        raise SourceError(
            f"No column of {sample.file} holds dates that are known: write a layout by hand, "
            "docs/layouts.md shows how."
        )
    column = _most_alike(dated, DATES) or dated[0]
    return column, formats[column]


def _date_formats(cells: Sequence[Cell]) -> list[str]:
    """The formats that read the most cells, at least nine of ten."""
    counts = {form: _readable(read_date(cell, form) for cell in cells) for form in DATE_FORMATS}
    most = max(counts.values())
    return [form for form in DATE_FORMATS if counts[form] == most >= MOSTLY * len(cells)]


def _amount_columns(
    sample: Sample, names: Sequence[str]
) -> tuple[list[str], NumberSigns, list[str]]:
    signs = {name: _number_signs(sample.column(name)) for name in names}
    numeric = [name for name in names if signs[name]]
    two_sided = [_most_alike(numeric, (side,)) for side in ("debit", "credit")]
    best = _most_alike(numeric, AMOUNTS)
    if two_sided[0] and two_sided[1] and two_sided[0] != two_sided[1]:
        chosen, negate = [str(name) for name in two_sided], [str(two_sided[1])]
    elif best:
        chosen, negate = [best], []
    else:
        raise SourceError(
            f"No column of {sample.file} is named like an amount and holds amounts: write a "
            "layout by hand, docs/layouts.md shows how."
        )
    found = signs[chosen[0]]
    return chosen, found or NumberSigns(), negate


def _number_signs(cells: Sequence[Cell]) -> NumberSigns | None:
    """The signs that read the most cells, at least nine of ten."""
    written = "".join(str(cell) for cell in cells)
    currencies = [min(codes) for sign, codes in CURRENCY_SIGNS.items() if sign in written]
    currency = "USD" if not currencies or "$" in written else currencies[0]
    options = [NumberSigns(decimal, thousands, currency) for decimal, thousands in SIGNS]
    counts = [_readable(read_amount(cell, signs) for cell in cells) for signs in options]
    best = max(range(len(options)), key=counts.__getitem__)
    return options[best] if counts[best] >= MOSTLY * len(cells) else None


def _readable(read: Iterable[object]) -> int:
    return sum(not isinstance(value, Refusal) for value in read)


def _is_id(sample: Sample, name: str) -> bool:
    """Filled in most rows (printed totals have none), and never twice the same."""
    cells = sample.column(name)
    return len(set(map(str, cells))) == len(cells) > len(sample.rows) / 2


def _is_currency(sample: Sample, name: str) -> bool:
    is_code = all(re.fullmatch("[A-Z]{3}", str(cell)) for cell in sample.column(name))
    return is_code and "currency" in normal(name)


def _most_repeated(sample: Sample, names: Sequence[str]) -> str:
    texts = [name for name in names if all(isinstance(c, str) for c in sample.column(name))]
    if not texts:
        raise SourceError(
            f"No column of {sample.file} could be a department: write a layout by hand, "
            "docs/layouts.md shows how."
        )
    return min(texts, key=lambda name: len(set(sample.column(name))))


def _most_alike(columns: Sequence[str], names: Sequence[str]) -> str | None:
    """The column whose name is most like one of these names, if any is like it at all."""
    best = max(columns, key=lambda column: _likeness(column, names), default=None)
    return best if best is not None and _likeness(best, names) >= LIKE else None


def _likeness(column: str, names: Sequence[str]) -> float:
    words = re.sub("[^a-z0-9]+", " ", normal(column)).strip()
    ratios = [difflib.SequenceMatcher(None, words, name).ratio() for name in names]
    is_within = any(f" {name} " in f" {words} " for name in names)
    return max([*ratios, 0.9 if is_within else 0.0])
