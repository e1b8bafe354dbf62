"""Which columns of a sample look like which field: by their names, and by what they hold."""

import difflib
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from txplatform.connectors.files import Cell, normal
from txplatform.domains.spend.sources.columns import is_blank
from txplatform.domains.spend.sources.dates import EXCEL, read_date
from txplatform.domains.spend.sources.guess_currency import currency_in
from txplatform.domains.spend.sources.parsing import NumberSigns, Refusal, read_amount
from txplatform.errors import SourceError

LIKE = 0.7
UNNAMED = "All departments"
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
    "EEE dd MMM yyyy",
    "EEE, dd MMM yyyy",
    "yyyyMMdd",
    "dd/MM/yy",
    "MM/dd/yy",
    "dd.MM.yy",
    "dd-MM-yy",
    "dd-MMM-yy",
    "dd MMM yy",
)
TIMES = (
    *("", " HH:mm", " HH:mm:ss", " hh:mm a", " hh:mm:ss a", " HH:mm:ssXXX", " HH:mm:ss XXX"),
    *("THH:mm", "THH:mm:ss", "THH:mm:ssXXX"),
)
DATE_FORMATS = tuple(day + time for day in DAYS for time in TIMES)
LOOKED_AT = 20
"""Cells by which most of these formats are ruled out, before all are read."""
PLAUSIBLE_SERIALS = (32_874, 62_091)
"""Of days from 1990 to 2069: other numbers are no dates as Excel counts them."""
SIGNS = ((".", ","), (",", "."), (",", " "), (".", "'"))


SIGN_COLUMNS = ("debit or credit", "debit credit indicator", "dr cr", "d c", "indicator", "sign")
CREDITS = ("c", "cr", "cred", "credit", "h", "haben", "refund", "-")
DEBITS = ("d", "dr", "deb", "debit", "s", "soll", "purchase", "charge", "+")


class Sample(NamedTuple):
    """The first rows of a file under its header, and the lines above that."""

    file: str
    header: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    above: Sequence[str] = ()

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
    is_currency_said: bool
    negate: list[str]
    id_column: str | None
    currency_column: str | None
    sign_column: str | None
    credit_values: list[str]
    constants: dict[str, str]


def guess_columns(sample: Sample, usual_currency: str | None = None) -> GuessedColumns:
    """Guess the columns of a sample.

    Args:
        sample: of a file.
        usual_currency: the platform's, for a file that says none.

    Raises:
        SourceError: none of them holds dates, or none holds amounts.
    """
    free = [name for name in sample.header if name.strip() and sample.column(name)]
    date_column, formats = _date_column(sample, free)
    free.remove(date_column)
    amounts, signs, negate = _amount_columns(sample, free)
    free = [name for name in free if name not in amounts]
    currency_column = _most_alike([n for n in free if _is_currency(sample, n)], ("currency",))
    said = _currency(sample, currency_column, amounts) or usual_currency
    signs = signs._replace(currency=said or signs.currency)
    free = [name for name in free if not _is_currency(sample, name)]
    sign_column, credit_values = (None, []) if negate else _sign_column(sample, free)
    free = [name for name in free if name != sign_column]
    texts, unsure = _text_columns(sample, free)
    free = [name for name in free if name not in texts.values()]
    return GuessedColumns(
        columns={"transaction_date": [date_column], "amount": amounts}
        | {field: [name] for field, name in texts.items()},
        unsure=unsure,
        date_format=formats[0],
        other_date_format=formats[1] if len(formats) > 1 else None,
        signs=signs,
        is_currency_said=said is not None,
        negate=negate,
        id_column=_most_alike([name for name in free if _is_id(sample, name)], IDS),
        currency_column=currency_column,
        sign_column=sign_column,
        credit_values=credit_values,
        constants={} if "department" in texts else {"department": UNNAMED},
    )


def _sign_column(sample: Sample, names: Sequence[str]) -> tuple[str | None, list[str]]:
    """The column that says debit or credit and nothing else, and how it writes a credit."""
    known: dict[str, list[str]] = {}
    for name in names:
        values = sorted({str(cell).strip() for cell in sample.column(name)})
        sides = {value.casefold() in CREDITS for value in values}
        is_both = sides == {True, False} or _likeness(name, SIGN_COLUMNS) >= LIKE
        if is_both and all(value.casefold() in CREDITS + DEBITS for value in values):
            known[name] = [value for value in values if value.casefold() in CREDITS]
    column = _most_alike(list(known), SIGN_COLUMNS) or next(iter(known), None)
    return column, known.get(column or "", [])


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
    elif name := _most_repeated(sample, free):
        found["department"] = name
    return found, {"department"}


def _date_column(sample: Sample, names: Sequence[str]) -> tuple[str, list[str]]:
    formats = {name: _date_formats(sample.column(name)) for name in names}
    dated = [name for name in names if formats[name]]
    if not dated and (name := _most_alike([n for n in names if _is_serial(sample, n)], DATES)):
        return name, [EXCEL]
    if not dated:
        raise SourceError(
            f"No column of {sample.file} holds dates that are known: write a layout by hand, "
            "docs/layouts.md shows how."
        )
    column = _most_alike(dated, DATES) or dated[0]
    return column, formats[column]


def _date_formats(cells: Sequence[Cell]) -> list[str]:
    """The formats that read the most cells, at least nine of ten."""
    first = cells[:LOOKED_AT]
    near = [form for form in DATE_FORMATS if 2 * _dates_in(first, form) >= len(first)]
    counts = {form: _dates_in(cells, form) for form in near}
    most = max(counts.values(), default=0)
    return [form for form in near if counts[form] == most >= MOSTLY * len(cells)]


def _dates_in(cells: Sequence[Cell], date_format: str) -> int:
    return _readable(read_date(cell, date_format) for cell in cells)


def _is_serial(sample: Sample, name: str) -> bool:
    first, last = PLAUSIBLE_SERIALS
    written = [re.fullmatch(r"([0-9]{5})(\.[0-9]*)?", str(c)) for c in sample.column(name)]
    return all(found and first <= int(found[1]) <= last for found in written)


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
    currency = currency_in(map(str, cells)) or NumberSigns().currency
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


def _currency(sample: Sample, column: str | None, amounts: Sequence[str]) -> str | None:
    """What a column of codes says most, else the amounts, their names, the lines above them."""
    if column:
        codes = Counter(str(cell) for cell in sample.column(column))
        return codes.most_common(1)[0][0]
    cells = (str(cell) for name in amounts for cell in sample.column(name))
    return currency_in([*cells, *amounts, *sample.above])


def _is_currency(sample: Sample, name: str) -> bool:
    is_code = all(re.fullmatch("[A-Z]{3}", str(cell)) for cell in sample.column(name))
    return is_code and "currency" in normal(name)


def _most_repeated(sample: Sample, names: Sequence[str]) -> str | None:
    texts = [name for name in names if all(isinstance(c, str) for c in sample.column(name))]
    return min(texts, key=lambda name: len(set(sample.column(name))), default=None)


def _most_alike(columns: Sequence[str], names: Sequence[str]) -> str | None:
    """The column whose name is most like one of these names, if any is like it at all."""
    best = max(columns, key=lambda column: _likeness(column, names), default=None)
    return best if best is not None and _likeness(best, names) >= LIKE else None


def _likeness(column: str, names: Sequence[str]) -> float:
    words = re.sub("[^a-z0-9]+", " ", normal(column)).strip()
    ratios = [difflib.SequenceMatcher(None, words, name).ratio() for name in names]
    is_within = any(f" {name} " in f" {words} " for name in names)
    return max([*ratios, 0.9 if is_within else 0.0])
