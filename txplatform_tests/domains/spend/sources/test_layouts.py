"""Layouts: what is shipped, what a file of one's own may say, and one sentence for a mistake."""

from pathlib import Path

import pytest

from txplatform.domains.spend.sources.layouts import (
    Layout,
    list_layouts,
    load_layout,
    parse_layout,
)
from txplatform.domains.spend.sources.parsing import NumberSigns
from txplatform.errors import UsageError
from txplatform_tests.domains.spend.sources.layouts import COLUMNS, SMALL, small


def test_the_shipped_layouts() -> None:
    assert [(layout.name, layout.currency) for layout in list_layouts()] == [
        ("delaware", "USD"),
        ("generic", "USD"),
        ("toronto", "CAD"),
    ]
    assert all(layout.description for layout in list_layouts())


def test_delaware_is_the_eight_columns_of_the_contract() -> None:
    columns = load_layout("delaware").columns

    assert {name: value for name, value in columns if value} == {
        "fiscal_year": ["FISCAL_YEAR"],
        "fiscal_period": ["FISCAL_PERIOD"],
        "department": ["DEPT_NAME"],
        "division": ["DIV_NAME"],
        "merchant": ["MERCHANT"],
        "category": ["CAT_DESCR"],
        "transaction_date": ["TRANS_DT"],
        "amount": ["MERCHANDISE_AMT"],
    }


def test_what_is_not_said_has_a_default() -> None:
    layout = small()

    assert (layout.encoding, layout.delimiter, layout.skip_lines) == ("utf-8", ",", 0)
    assert layout.signs == NumberSigns(".", ",", "USD")
    assert layout.id_column is None


def test_a_layout_of_ones_own_is_named_by_its_path(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(SMALL + COLUMNS, encoding="utf-8")

    assert load_layout(path) == load_layout(str(path)) == small()


@pytest.mark.parametrize("name", ["nowhere", "nowhere.toml", "folder/nowhere", "."])
def test_a_layout_that_is_not_there(name: str) -> None:
    with pytest.raises(UsageError) as error:
        load_layout(name)

    assert str(error.value) == (
        f"There is no layout {name!r}: use a shipped one (delaware, generic, toronto) or the path "
        "of a .toml file of your own."
    )


def test_a_layout_that_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_bytes(b"\xff\xfe")

    with pytest.raises(UsageError, match="cannot be read"):
        load_layout(path)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("name =", "name", "Layout my.toml is not valid TOML: Expected '='"),
        ('name = "small"', "", "the key 'name' is missing; docs/layouts.md shows one"),
        ('name = "small"', 'name = "Mine!"', "the key 'name' cannot be used: String should match"),
        ("date_format", "date_fromat", "is not known; did you mean 'date_format'?"),
        ('date_format = "yyyy-MM-dd"', "", "the key 'date_format' is missing"),
        (
            'currency = "USD"',
            'currency = "USD"\ndate_fromat = 1',
            "the key 'date_fromat' is not known; did you mean 'date_format'?",
        ),
        (
            'currency = "USD"',
            'currency = "USD"\nxyz = 1',
            "the key 'xyz' is not known; docs/layouts.md lists the keys",
        ),
        (
            'merchant = "merchant"',
            'mercant = "merchant"',
            "the key 'columns.mercant' is not known; did you mean 'merchant'?",
        ),
        ('"USD"', '"Dollar"', "the key 'currency' cannot be used: String should match"),
        ('amount = "amount"', "", "the key 'columns.amount' is missing"),
        (
            'amount = "amount"',
            "amount = []",
            "the key 'columns.amount' cannot be used: Value should have at",
        ),
        ('amount = "amount"', "amount = 5", "the key 'columns.amount' cannot be used: Input"),
        (
            "yyyy-MM-dd",
            "YY-MM-dd",
            "'date_format' cannot be used: 'YY-MM-dd' is not a date format: write it with yyyy, MM",
        ),
    ],
)
def test_a_mistake_is_one_sentence(old: str, new: str, sentence: str) -> None:
    assert old in SMALL + COLUMNS

    with pytest.raises(UsageError) as error:
        parse_layout((SMALL + COLUMNS).replace(old, new, 1), "my.toml")

    assert sentence in str(error.value)
    assert str(error.value).startswith("Layout my.toml")


@pytest.mark.parametrize(
    ("keys", "tables", "sentence"),
    [
        ('encoding = "latin-9000"', "", "'latin-9000' is not an encoding"),
        ('time_zone = "Mars"', "", "'Mars' is not an IANA time zone, such as Europe/Paris"),
        ('delimiter = ";;"', "", "'delimiter' cannot be used: String should have at most 1"),
        ('decimal_sign = ";"', "", "'decimal_sign' cannot be used: Input should be '.' or ','"),
        ('decimal_sign = ","', "", "decimal_sign and thousands_sign are the same"),
        ("skip_lines = -1", "", "'skip_lines' cannot be used"),
        ('converted_amount_column = "x"', "", "converted_amount_column needs currency_column"),
        ('negate = ["credit"]', "", "negate names 'credit', which is not among the amount's"),
        ('optional = ["colour"]', "", "optional names 'colour', which is no field"),
        ('optional = ["amount"]', "", "optional names 'amount', which every file must have"),
        ("", '[aliases]\nprice = ["cost"]', "aliases names 'price', which no key of the layout"),
        ("", "[printed_totals]\nall_blank = []", "'printed_totals.all_blank' cannot be used"),
        (
            "",
            '[spellings.department]\nRoads = ["RDS"]\nParks = ["RDS"]',
            "the department 'RDS' stands for more than one name",
        ),
        (
            "",
            '[spellings.division]\nRoads = ["RDS"]\nStreets = ["Roads"]',
            "the division 'Roads' stands for more than one name",
        ),
    ],
)
def test_keys_that_do_not_fit(keys: str, tables: str, sentence: str) -> None:
    with pytest.raises(UsageError) as error:
        small(keys, tables=tables)

    assert sentence in str(error.value)


def test_a_fingerprint_changes_with_whatever_can_read_a_row_differently() -> None:
    described = small('description = "other words"')

    assert small().fingerprint() == described.fingerprint()
    assert small().fingerprint() != small('thousands_sign = ""').fingerprint()


def test_layouts_do_not_change() -> None:
    layout: Layout = small()

    with pytest.raises(ValueError, match="frozen"):
        setattr(layout, "currency", "EUR")  # noqa: B010 - mypy sees the direct way
