"""Amounts: what is accepted, what is refused by which rule, and that nothing is ever rounded."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from txplatform.connectors.files import Cell
from txplatform.domains.spend.sources.parsing import (
    NumberSigns,
    Refusal,
    decimal128,
    money,
    read_amount,
)

US = NumberSigns(".", ",", "USD")
FRENCH = NumberSigns(",", " ", "EUR")
GERMAN = NumberSigns(",", ".", "EUR")
SWISS = NumberSigns(".", "'", "CHF")
CENTS = st.integers(-(10**18) + 1, 10**18 - 1)


def rule_of(cell: Cell, signs: NumberSigns = US) -> str:
    """The rule that refuses a cell."""
    refusal = read_amount(cell, signs)
    assert isinstance(refusal, Refusal), f"{cell!r} was read as {refusal}"
    return refusal.rule


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("5", 500),
        ("5.2", 520),
        ("5.28", 528),
        ("0.01", 1),
        ("007.50", 750),
        ("$5.28", 528),
        ("$ 5.28", 528),
        ("5.28$", 528),
        ("USD 5.28", 528),
        ("$1,620.00", 162_000),
        ("3,427.80", 342_780),
        ("12,345,678.90", 1_234_567_890),
        ("1620.00", 162_000),
        ("-15.75", -1_575),
        ("$-15.75", -1_575),
        ("-$15.75", -1_575),
        ("(15.75)", -1_575),
        ("($15.75)", -1_575),
        ("$(15.75)", -1_575),
        ("15.75-", -1_575),
        ("- 15.75", -1_575),
        ("15.75 -", -1_575),
        ("  5.28\t", 528),
        ("\u00a05.28\u202f", 528),
        ("1 620.00", 162_000),
        ("1\u00a0620.00", 162_000),
        ("1\u202f620\u202f000", 162_000_000),
        ("-0.00", 0),
        ("(0)", 0),
        ("9999999999999999.99", 999_999_999_999_999_999),
        ("54.9000", 5_490),
        ("5.280", 528),
        ("1,620.0000", 162_000),
        (".50", 50),
        ("-.5", -50),
        ("$.50", 50),
        ("8.", 800),
        ("1,620.", 162_000),
        ("+7.25", 725),
        ("$+7.25", 725),
        ("7.25+", 725),
        ("\u22129.10", -910),
    ],
)
def test_accepted_texts(text: str, cents: int) -> None:
    assert read_amount(text, US) == cents


@pytest.mark.parametrize(
    ("text", "signs", "cents"),
    [
        ("1 620,00 €", FRENCH, 162_000),
        ("1\u202f620,5", FRENCH, 162_050),
        ("-15,75 €", FRENCH, -1_575),
        ("EUR 15,75", FRENCH, 1_575),
        ("1.620,00", GERMAN, 162_000),
        ("1.620", GERMAN, 162_000),
        ("1'620.00", SWISS, 162_000),
        ("CHF 1'620.00-", SWISS, -162_000),
        ("£5.28", NumberSigns(".", ",", "GBP"), 528),
        ("$5.28", NumberSigns(".", ",", "CAD"), 528),
        ("1620,00", NumberSigns(",", "", "EUR"), 162_000),
    ],
)
def test_every_form_with_the_signs_of_its_layout(text: str, signs: NumberSigns, cents: int) -> None:
    assert read_amount(text, signs) == cents


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", "AMOUNT_EMPTY"),
        ("   ", "AMOUNT_EMPTY"),
        ("\u00a0", "AMOUNT_EMPTY"),
        ("5.285", "AMOUNT_DECIMALS"),
        ("5.2801", "AMOUNT_DECIMALS"),
        ("54.9000000001", "AMOUNT_DECIMALS"),
        ("$1,620.001", "AMOUNT_DECIMALS"),
        ("12,34,5", "AMOUNT_GROUPING"),
        ("1,62.00", "AMOUNT_GROUPING"),
        ("1620,00", "AMOUNT_GROUPING"),
        ("0,125", "AMOUNT_GROUPING"),
        ("1,234 567.00", "AMOUNT_GROUPING"),
        ("٤٢.٠٠", "AMOUNT_DIGITS"),
        ("１２.５０", "AMOUNT_DIGITS"),
        ("5²", "AMOUNT_DIGITS"),
        ("10000000000000000.00", "AMOUNT_RANGE"),
        ("€5.28", "CURRENCY"),
        ("5.28 £", "CURRENCY"),
        ("EUR 5.28", "CURRENCY"),
        ("$5.28 €", "AMOUNT_TEXT"),
        ("$($5.28)", "AMOUNT_TEXT"),
        ("1e5", "AMOUNT_TEXT"),
        ("NaN", "AMOUNT_TEXT"),
        ("Infinity", "AMOUNT_TEXT"),
        ("see invoice", "AMOUNT_TEXT"),
        ("--5", "AMOUNT_TEXT"),
        ("-5-", "AMOUNT_TEXT"),
        ("-(5.00)", "AMOUNT_TEXT"),
        ("(5.00", "AMOUNT_TEXT"),
        ("5.00)", "AMOUNT_TEXT"),
        (".", "AMOUNT_TEXT"),
        ("$.", "AMOUNT_TEXT"),
        ("5..", "AMOUNT_TEXT"),
        ("..5", "AMOUNT_TEXT"),
        (",50", "AMOUNT_TEXT"),
        ("+-5", "AMOUNT_TEXT"),
        ("+(5)", "AMOUNT_TEXT"),
        ("+", "AMOUNT_TEXT"),
        ("5.00 6.00", "AMOUNT_TEXT"),
        ("0x10", "AMOUNT_TEXT"),
        ("1_000", "AMOUNT_TEXT"),
        ("-", "AMOUNT_TEXT"),
        ("$", "AMOUNT_TEXT"),
    ],
)
def test_refused_texts(text: str, rule: str) -> None:
    assert rule_of(text) == rule


def test_a_reason_shows_the_text_that_was_refused() -> None:
    refusal = read_amount("12,34,5", US)

    assert refusal == ("AMOUNT_GROUPING", "'12,34,5' has its thousands signs in odd places")


@pytest.mark.parametrize(
    ("cell", "cents"),
    [
        (Decimal("5.28"), 528),
        (Decimal("5.280"), 528),  # the scale of a Parquet decimal says nothing about cents
        (Decimal("4711.0"), 471_100),  # a double of Excel
        (Decimal("1E+5"), 10_000_000),
        (Decimal("-0"), 0),
        (5, 500),
        (-3, -300),
    ],
)
def test_typed_numbers_count_with_their_value(cell: Cell, cents: int) -> None:
    assert read_amount(cell, US) == cents


@pytest.mark.parametrize(
    ("cell", "rule"),
    [
        (None, "AMOUNT_EMPTY"),
        (Decimal("0.30000000000000004"), "AMOUNT_DECIMALS"),
        (Decimal("1E-999999999"), "AMOUNT_DECIMALS"),
        (Decimal("1E+999999999"), "AMOUNT_RANGE"),
        (10**16, "AMOUNT_RANGE"),
        (Decimal("NaN"), "AMOUNT_TEXT"),
        (Decimal("Infinity"), "AMOUNT_TEXT"),
        (True, "AMOUNT_TEXT"),
        (date(2024, 1, 2), "AMOUNT_TEXT"),
    ],
)
def test_refused_typed_cells(cell: Cell, rule: str) -> None:
    assert rule_of(cell) == rule


@given(CENTS)
def test_what_is_written_with_two_decimals_reads_back(cents: int) -> None:
    assert read_amount(str(money(cents)), US) == cents
    assert read_amount(f"{money(cents):,}", US) == cents
    assert read_amount(money(cents), US) == cents
    assert decimal128(cents).to_decimal() == money(cents)


@given(CENTS.map(abs))
def test_every_way_to_write_a_minus_means_the_same(cents: int) -> None:
    written = f"{money(cents):,}"
    forms = ("-{}", "-${}", "$-{}", "({})", "(${})", "$({})", "{}-", "- {}", "{} -", "${}-")

    assert {read_amount(form.format(written), US) for form in forms} == {-cents}


@given(CENTS)
def test_signs_only_change_the_spelling(cents: int) -> None:
    american = f"{money(cents):,}"
    german = american.translate(str.maketrans(",.", ".,"))
    french = american.translate(str.maketrans(",.", "\u202f,"))

    assert read_amount(german, GERMAN) == read_amount(french, FRENCH) == cents


@given(CENTS, st.integers(0, 9))
def test_further_decimals_that_are_zero_say_nothing(cents: int, zeros: int) -> None:
    written = f"{money(cents)}{'0' * zeros}"

    assert read_amount(written, US) == read_amount(Decimal(written), US) == cents
    assert read_amount(written.replace(".", ","), GERMAN) == cents


@given(
    st.decimals(
        allow_nan=False, allow_infinity=False, places=5, min_value=-(10**9), max_value=10**9
    )
)
def test_more_than_two_decimals_are_never_rounded(number: Decimal) -> None:
    assume(number * 100 != int(number * 100))

    assert rule_of(number) == "AMOUNT_DECIMALS"
    assert rule_of(f"{number:f}") == "AMOUNT_DECIMALS"


@given(st.text(max_size=12))
def test_any_text_is_an_amount_or_refused_with_a_reason(text: str) -> None:
    found = read_amount(text, US)

    assert isinstance(found, int) or (found.rule and found.reason)
