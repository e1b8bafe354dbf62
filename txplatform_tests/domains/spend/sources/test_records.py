"""Records: a row of cells and a layout give a purchase, or a refusal with its rule."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import pytest

from txplatform.connectors.files import Cell, Row
from txplatform.domains.spend.sources.layouts import Layout, load_layout
from txplatform.domains.spend.sources.records import Policy, Purchase, RecordParser, Refused
from txplatform.errors import SourceError, UsageError
from txplatform_tests.domains.spend.sources.layouts import COLUMNS, small

TODAY = date(2026, 11, 23)
POLICY = Policy(last_day=TODAY)
HEADER = ["department", "division", "merchant", "day", "amount"]
GOOD: list[Cell] = ["Roads", "North", "Shell", "2026-11-16", "5.28"]


def parse(
    cells: Sequence[Cell],
    layout: Layout | None = None,
    header: Sequence[str] = HEADER,
    policy: Policy = POLICY,
) -> Purchase | Refused:
    """The purchase of one row."""
    return RecordParser(layout or small(), header, policy, "x.csv").parse(Row(2, cells))


def rule_of(cells: Sequence[Cell], layout: Layout | None = None) -> str | None:
    """The rule that refuses a row."""
    parsed = parse(cells, layout)
    return parsed.rule if isinstance(parsed, Refused) else None


def changed(**cells: Cell) -> list[Cell]:
    """The good row with other cells, by column."""
    return [cells.get(name, cell) for name, cell in zip(HEADER, GOOD, strict=True)]


def test_a_good_row() -> None:
    assert parse(GOOD) == Purchase(
        department="Roads",
        division="North",
        merchant="Shell",
        category="(unknown)",
        transaction_date=date(2026, 11, 16),
        cents=528,
        fiscal_year=None,
        fiscal_period=None,
        card=None,
        id=None,
    )


def test_the_contract_row() -> None:
    header = [
        "FISCAL_YEAR",
        "FISCAL_PERIOD",
        "DEPT_NAME",
        "DIV_NAME",
        "MERCHANT",
        "CAT_DESCR",
        "TRANS_DT",
    ]
    cells = ["2013", "1", "EXECUTIVE", "DEMA", "BYRDS", "CATERERS", "6/1/2012", "$1,620.00"]

    assert parse(cells, load_layout("delaware"), [*header, "MERCHANDISE_AMT"]) == Purchase(
        "EXECUTIVE", "DEMA", "BYRDS", "CATERERS", date(2012, 6, 1), 162_000, 2013, 1, None, None
    )


@pytest.mark.parametrize(
    ("cells", "rule"),
    [
        (GOOD, None),
        ([*GOOD, "", "  "], None),
        ([*GOOD, "more"], "WRONG_CELL_COUNT"),
        (GOOD[:-1], "WRONG_CELL_COUNT"),
        ([], "BLANK_ROW"),
        (["", " ", "\u200b", "", None], "BLANK_ROW"),
        (["", ""], "BLANK_ROW"),
        (HEADER, "HEADER_REPEATED"),
        (["Department", " DIVISION", "merchant", "Day", "AMOUNT "], "HEADER_REPEATED"),
        (changed(day=""), "DATE_EMPTY"),
        (changed(day="16/11/2026"), "DATE_FORMAT"),
        (changed(day="2026-11-31"), "DATE_IMPOSSIBLE"),
        (changed(day="26-11-16"), "DATE_TWO_DIGIT_YEAR"),
        (changed(day="2026-11-24"), "DATE_FUTURE"),
        (changed(day="2026-11-23"), None),
        (changed(day="2010-01-03"), "DATE_BEFORE_FIRST_WEEK"),
        (changed(day="2010-01-04"), None),
        (changed(amount=""), "AMOUNT_EMPTY"),
        (changed(amount="5.285"), "AMOUNT_DECIMALS"),
        (changed(amount="5,28"), "AMOUNT_GROUPING"),
        (changed(amount="€5.28"), "CURRENCY"),
        (changed(amount="free"), "AMOUNT_TEXT"),
        (changed(day="never", amount="free"), "DATE_FORMAT"),
        (changed(division="", merchant=None), None),
        (changed(department="x" * 300), None),
        (changed(department="x" * 301), "NAME_TOO_LONG"),
        (changed(division="x" * 301), "NAME_TOO_LONG"),
        (changed(merchant="x" * 5_000), None),
    ],
)
def test_rules(cells: list[Cell], rule: str | None) -> None:
    assert rule_of(cells) == rule


def test_a_row_that_the_reader_could_not_split_says_why() -> None:
    parser = RecordParser(small(), HEADER, POLICY, "x.csv")

    assert parser.parse(Row(2, (), 'a,"b', "an open quote")) == Refused(
        "UNREADABLE_LINE", "an open quote", None
    )


def test_a_refusal_keeps_the_amount_where_it_can_be_read() -> None:
    assert parse(changed(day="")) == Refused("DATE_EMPTY", "the date is empty", 528)
    assert parse(changed(amount="free")) == Refused("AMOUNT_TEXT", "'free' is not an amount", None)


def test_typed_cells() -> None:
    purchase = parse([4711, None, "Shell", date(2026, 11, 16), Decimal("5.28")])

    assert isinstance(purchase, Purchase)
    assert purchase[:3] == ("4711", "(unknown)", "Shell")
    assert (purchase.transaction_date, purchase.cents) == (date(2026, 11, 16), 528)


def test_the_first_column_that_is_not_blank_counts() -> None:
    layout = small(columns=COLUMNS.replace('"merchant"', '["shop", "payee", "merchant"]'))
    header = ["department", "division", "merchant", "day", "amount", "payee"]

    def merchant(payee: str, merchant: str) -> str:
        cells = ["Roads", "North", merchant, "2026-11-16", "5.28", payee]
        purchase = parse(cells, layout, header)
        assert isinstance(purchase, Purchase)
        return purchase.merchant

    assert merchant(payee="Shell", merchant="BP") == "Shell"
    assert merchant(payee=" ", merchant="BP") == "BP"
    assert merchant(payee="", merchant="") == "(unknown)"


def test_spellings_are_read_as_one() -> None:
    layout = small(
        tables="""
        [spellings.department]
        "Roads & Bridges" = ["ROADS AND BRIDGES", "Roads  and bridges"]
        [spellings.division]
        "North" = ["NORTH"]
        """
    )

    for spelling in ("ROADS AND BRIDGES", "Roads and bridges ", "Roads & Bridges"):
        purchase = parse(changed(department=spelling, division="NORTH"), layout)
        assert purchase[:2] == ("Roads & Bridges", "North")


def test_printed_totals_are_told_from_rows_without_an_id() -> None:
    layout = small(
        'id_column = "merchant"', tables='[printed_totals]\nall_blank = ["merchant", "day"]'
    )

    assert rule_of(changed(merchant="", day=""), layout) == "PRINTED_TOTAL"
    assert rule_of(changed(merchant=""), layout) == "MISSING_ID"
    assert rule_of(changed(merchant="", day="never"), layout) == "MISSING_ID"
    assert rule_of(["", "", "", "", ""], layout) == "BLANK_ROW"
    assert rule_of(HEADER, layout) == "HEADER_REPEATED"


def test_an_id_is_read() -> None:
    purchase = parse(GOOD, small('id_column = "merchant"'))

    assert isinstance(purchase, Purchase)
    assert purchase.id == "Shell"


CARDS = COLUMNS.replace("merchant =", "card =")


def test_cards_are_kept_as_a_keyed_hash() -> None:
    def card(number: str, key: bytes) -> str | None:
        policy = Policy(last_day=TODAY, card_key=key)
        purchase = parse(changed(merchant=number), small(columns=CARDS), HEADER, policy)
        assert isinstance(purchase, Purchase)
        return purchase.card

    hashed = card("1234", b"key")

    assert hashed is not None
    assert len(hashed) == 32
    assert "1234" not in hashed
    assert card(" 1234 ", b"key") == hashed
    assert card("1235", b"key") != hashed
    assert card("1234", b"other key") != hashed
    assert card("1234", b"a key of more than sixty-four bytes" * 3) not in (None, hashed)
    assert card("", b"key") is None


def test_cards_as_they_arrive_where_a_setting_says_so() -> None:
    policy = Policy(last_day=TODAY, card_identity="plain")
    purchase = parse(changed(merchant=" A.  Smith "), small(columns=CARDS), HEADER, policy)

    assert isinstance(purchase, Purchase)
    assert purchase.card == "A. Smith"


def test_cards_without_a_key_are_refused_before_anything_is_read() -> None:
    with pytest.raises(UsageError, match="set TXPLATFORM_SPEND_CARD_KEY"):
        parse(GOOD, small(columns=CARDS))


def test_the_last_day_is_that_of_the_time_zone() -> None:
    west = Policy(time_zone="Pacific/Pago_Pago").latest()
    east = Policy(time_zone="Pacific/Kiritimati").latest()

    assert (east - west).days in (1, 2)  # 25 hours apart


def test_a_missing_column_is_one_sentence() -> None:
    with pytest.raises(SourceError) as error:
        parse(GOOD, header=["department", "division", "merchant", "date", "amount"])

    assert str(error.value) == (
        "x.csv has no column 'day', which the layout small needs; its columns are: department, "
        "division, merchant, date, amount."
    )
