"""Numbers, dates and names as a reader's locale writes them: exact, and as text."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from txplatform.serving.dashboard import blocks, formats


@pytest.mark.parametrize(
    ("amount", "locale", "currency", "written"),
    [
        ("1234567.50", "en_US", "EUR", "€1,234,567.50"),
        ("-0.05", "en_US", "USD", "-$0.05"),
        ("1234.50", "fr_FR", "EUR", "1\u202f234,50\xa0€"),
        ("9999999999999999.99", "en_US", None, "9,999,999,999,999,999.99"),
        ("0.10", "en_US", "JPY", "¥0.10"),
    ],
)
def test_money_keeps_every_digit(
    amount: str, locale: str, currency: str | None, written: str
) -> None:
    """Catches: an amount that passes through a float, and a currency that hides cents."""
    assert formats.money(Decimal(amount), locale, currency) == written


def test_exact_shares_and_changes_keep_every_digit() -> None:
    assert formats.exact_share(Decimal("0.123456"), "en_US") == "12.3456%"
    assert formats.exact_share(Decimal("0.123456"), "fr_FR") == "12,3456\xa0%"
    assert formats.exact_change(Decimal("5.9170"), "en_US") == "+5.917%"
    assert formats.exact_change(Decimal("-123456789012.3456"), "en") == "-123,456,789,012.3456%"
    assert formats.number(Decimal("0.000001"), "en_US") == "0.000001"


@pytest.mark.parametrize(
    ("fraction", "written", "in_a_column"),
    [
        ("0.347469", "34.7%", "34.7%"),
        ("0.3475", "34.8%", "34.8%"),
        ("-0.3475", "-34.8%", "-34.8%"),
        ("0.720000", "72%", "72.0%"),
        ("1", "100%", "100.0%"),
        ("0.000123", "0.01%", "0.01%"),
        ("0.0005", "0.1%", "0.1%"),
        ("0.0004", "0.04%", "0.04%"),
        ("0.000000", "0%", "0.0%"),
        ("12.34567", "1,234.6%", "1,234.6%"),
    ],
)
def test_people_read_tenths_of_a_per_cent(fraction: str, written: str, in_a_column: str) -> None:
    """Catches: 34.7469 %, halves rounded to even, and what is small told as nothing."""
    assert formats.share(Decimal(fraction), "en_US") == written
    assert formats.even_share(Decimal(fraction), "en_US") == in_a_column


def test_decimals_of_a_column_have_the_same_number_of_digits() -> None:
    """Catches: 5.31 above 5.198, which reads as if one were exact and the other not."""
    assert formats.decimals(Decimal("5.31"), 3, "en_US") == "5.310"
    assert formats.decimals(Decimal("1234.5675"), 3, "fr_FR") == "1\u202f234,568"
    assert formats.decimals(None, 3, "en_US") == formats.DASH


def test_changes_have_their_sign_in_every_form() -> None:
    assert formats.change(Decimal("5.9170"), "en_US") == "+5.9%"
    assert formats.change(Decimal("-52.6559"), "fr_FR") == "-52,7\xa0%"
    assert formats.signed(Decimal("6.00"), formats.even_share, "en_US") == "+6.0%"


@pytest.mark.parametrize(
    ("length", "english", "french"),
    [
        (timedelta(seconds=21), "21 sec", "21\u202fs"),
        (timedelta(seconds=119), "119 sec", "119\u202fs"),
        (timedelta(minutes=90), "90 min", "90\xa0min"),
        (timedelta(hours=30), "30 hr", "30\u202fh"),
        (timedelta(days=12), "12 days", "12\u202fj"),
    ],
)
def test_a_length_of_time_is_told_in_its_largest_unit(
    length: timedelta, english: str, french: str
) -> None:
    assert formats.span(length, "en_US") == english
    assert formats.span(length, "fr_FR") == french


@pytest.mark.parametrize(
    ("cells", "is_numeric"),
    [
        (["1,234.50", "-0.05"], True),
        (["€1,234,567.50", formats.DASH], True),
        (["1\u202f234,50\xa0$US", "-3,00\xa0€"], True),
        (["+6.2900%", "CHF 12.00", "12,3456\xa0%"], True),
        (["Nov 9, 2026"], False),
        (["9 nov. 2026"], False),
        (["2026-W46", "a.csv:5"], False),
        ([], False),
    ],
)
def test_a_column_of_numbers_is_known(cells: list[str], is_numeric: bool) -> None:
    assert blocks.is_numeric(cells) is is_numeric


def test_numbers_and_short_names_are_marked_and_long_texts_are_not() -> None:
    columns = {"Customer": ["17850"], "Country": ["United Kingdom"], "Net amount": ["12.50", "–"],
               "Description": ["WHITE HANGING HEART T-LIGHT HOLDER"], "Day": []}  # fmt: skip

    assert blocks.marks(columns, codes=["Customer"]) == "s1-s2-n3-s5-"


def test_what_is_not_there_is_a_dash() -> None:
    written = [formats.money(None, "en"), formats.share(None, "en"), formats.change(None, "en")]

    assert {*written, formats.day(None, "en"), formats.whole(None, "en")} == {formats.DASH}


def test_a_week_is_its_days_and_its_number_with_the_year() -> None:
    assert formats.week(date(2020, 12, 28), "en_GB") == "28 Dec 2020 – 3 Jan 2021 (2020-W53)"
    assert formats.monday(date(2026, 1, 5), "fr_FR") == "2026-W02 · 5 janv. 2026"


def test_a_moment_is_told_in_the_platforms_time_zone() -> None:
    moment = datetime(2026, 1, 5, 23, 30, tzinfo=UTC)

    assert formats.instant(moment, "en_GB", "Europe/Paris") == "6 Jan 2026, 00:30:00"


@pytest.mark.parametrize(
    ("asked", "known"),
    [("fr-CA", "fr_CA"), ("en_GB", "en_GB"), (None, "en"), ("xx-nonsense", "en"), ("", "en")],
)
def test_a_locale_that_nobody_knows_is_english(asked: str | None, known: str) -> None:
    assert formats.known_locale(asked) == known


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("<script>", r"\<script\>"),
        ("$x$", r"\$x\$"),
        ("[a](b)", r"\[a\]\(b\)"),
        ("a  b", "a  b"),
        ("a\nb", "a b"),
        (":red[x]", ":\u2060red\\[x\\]"),
        (":100:", ":\u2060100:"),
        ("a.csv:5", r"a\.csv:5"),
        ("1. Street", r"1\. Street"),
    ],
)
def test_a_name_is_text_and_not_markdown(name: str, written: str) -> None:
    assert formats.as_text(name) == written
