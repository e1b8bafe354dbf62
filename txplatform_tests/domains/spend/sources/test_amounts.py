"""Amount columns: fallbacks, debits and credits, and rows in another currency."""

from collections.abc import Sequence
from decimal import Decimal

import pytest

from txplatform.connectors.files import Cell
from txplatform.domains.spend.sources.amounts import AmountReader
from txplatform.domains.spend.sources.columns import HeaderColumns
from txplatform.domains.spend.sources.layouts import Layout
from txplatform.domains.spend.sources.parsing import Refusal
from txplatform_tests.domains.spend.sources.layouts import COLUMNS, small


def read(
    layout: Layout, header: Sequence[str], cells: Sequence[Cell], currency: str = "USD"
) -> int | str:
    """The cents of a row, or the rule that refuses it."""
    columns = HeaderColumns(layout, header, "x.csv")
    reader = AmountReader(layout, columns, currency, largest=Decimal(10**13))
    found = reader.read(cells)
    return found.rule if isinstance(found, Refusal) else found


def with_amounts(columns: str, keys: str = "") -> Layout:
    """The small layout with these amount columns."""
    return small(keys, COLUMNS.replace('"amount"', columns))


@pytest.mark.parametrize(
    ("net", "gross", "expected"),
    [
        ("5.00", "6.00", 500),
        ("", "6.00", 600),
        ("0.00", "6.00", 0),
        ("", "", "AMOUNT_EMPTY"),
        ("free", "6.00", "AMOUNT_TEXT"),
    ],
)
def test_fallback(net: str, gross: str, expected: int | str) -> None:
    layout = with_amounts('["net", "gross"]')

    assert read(layout, ["net", "gross"], [net, gross]) == expected


@pytest.mark.parametrize("sign", ["", "-"])
@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        ("10000000000000.00", 10**15),
        ("10000000000000.01", "AMOUNT_RANGE"),
        ("4111111111111111", "AMOUNT_RANGE"),
        (Decimal(4111111111111111), "AMOUNT_RANGE"),
    ],
)
def test_a_number_of_something_else_is_no_amount(
    sign: str, amount: Cell, expected: int | str
) -> None:
    """Catches: card numbers in the amount's column, after which no week could be added up."""
    cell = f"{sign}{amount}" if isinstance(amount, str) else Decimal(f"{sign}{amount}")
    found = read(with_amounts('["net"]'), ["net"], [cell])

    assert found == (expected if isinstance(expected, str) else int(f"{sign}{expected}"))


@pytest.mark.parametrize(
    ("debit", "credit", "expected"),
    [
        ("5.00", "", 500),
        ("", "5.00", -500),
        ("5.00", "0.00", 500),
        ("0.00", "5.00", -500),
        ("0.00", "", 0),
        ("0.00", "0.00", 0),
        ("", "-5.00", 500),
        ("5.00", "6.00", "AMOUNT_TWICE"),
        ("", "", "AMOUNT_EMPTY"),
        ("free", "", "AMOUNT_TEXT"),
        ("", "free", "AMOUNT_TEXT"),
    ],
)
def test_debits_and_credits_in_columns_of_their_own(
    debit: str, credit: str, expected: int | str
) -> None:
    layout = with_amounts('["debit", "credit"]', 'negate = ["credit"]')

    assert read(layout, ["debit", "credit"], [debit, credit]) == expected


@pytest.mark.parametrize(
    ("currency", "amount", "expected"),
    [
        ("USD", "5.00", 500),
        ("usd ", "$5.00", 500),
        ("", "5.00", 500),
        ("CAD", "5.00", "CURRENCY"),
        ("CAD", "free", "CURRENCY"),
        ("USD", "€5.00", "CURRENCY"),
    ],
)
def test_a_currency_column(currency: str, amount: str, expected: int | str) -> None:
    layout = small('currency_column = "currency"')

    assert read(layout, ["amount", "currency"], [amount, currency]) == expected


@pytest.mark.parametrize(
    ("currency", "expected"), [("USD", 700), ("", 700), ("EUR", 500), ("CAD", 700)]
)
def test_a_column_that_holds_the_converted_amount(currency: str, expected: int) -> None:
    layout = small('currency_column = "currency"\nconverted_amount_column = "billed"')
    header = ["amount", "currency", "billed"]

    # The platform keeps dollars, or for the row in euros: euros.
    kept = "EUR" if currency == "EUR" else "USD"
    cells = ["5.00" if currency in ("EUR", "CAD") else "7.00", currency, "7.00"]

    assert read(layout, header, cells, kept) == expected


def test_a_layout_in_another_currency_than_the_platform() -> None:
    assert read(small(), ["amount"], ["5.00"], "EUR") == "CURRENCY"


def test_a_converted_amount_in_a_currency_that_is_not_the_platforms_does_not_help() -> None:
    layout = small('currency_column = "currency"\nconverted_amount_column = "billed"')

    assert read(layout, ["amount", "currency", "billed"], ["5", "CAD", "7"], "EUR") == "CURRENCY"
