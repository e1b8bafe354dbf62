"""What a cell of text means, on DuckDB and on pandas."""

import narwhals as nw
import pyarrow as pa
import pytest

from txplatform.domains.commerce.computation.engines import DuckDB, Pandas
from txplatform.domains.commerce.transforms import parsing

ENGINES = {"duckdb": DuckDB(), "pandas": Pandas()}
each_engine = pytest.mark.parametrize("engine", ENGINES.values(), ids=ENGINES.keys())

CENTS: dict[str, int | None] = {
    "5": 500,
    "5.2": 520,
    "5.28": 528,
    "$5.28": 528,
    "1,620.00": 162_000,
    "$1,620.00": 162_000,
    "1,234,567.89": 123_456_789,
    "-15.75": -1_575,
    "$-15.75": -1_575,
    "-$15.75": -1_575,
    "(15.75)": -1_575,
    "15.75-": -1_575,
    "+7.25": 725,
    ".50": 50,
    "8.": 800,
    "0": 0,
    "-0.00": 0,
    "007.10": 710,
    "54.9000": 5_490,
    "1 234.50": 123_450,
    "9999999999999.99": 999_999_999_999_999,
    "10000000000000": None,
    "5.285": None,
    "12,34,5": None,
    "1,62": None,
    "1e5": None,
    "NaN": None,
    "abc": None,
    "-": None,
    "$": None,
    ".": None,
    "1.2.3": None,
    "--5": None,
    "(5": None,
    "٣": None,
}
"""A written amount, and its cents; None where it cannot be read exactly."""

SECONDS: dict[str, int | None] = {
    "2024-01-01": 0,
    "2024-01-01 00:00:00": 0,
    "2024-01-01 08:26:00": 30_360,
    "2024-01-01 8:26": 30_360,
    "2024-01-01T23:59:59": 86_399,
    "2024-01-01 23:59:59.000": 86_399,
    "2024-01-01 24:00:00": None,
    "2024-01-01 12:60": None,
    "2024-01-01 noon": None,
    "2024-01-01 1:2": None,
}

TIDY: dict[str, str | None] = {
    "  Mouse ": "Mouse",
    "A\u00a0B": "A B",
    "A \t  B": "A B",
    "A\u200bB": "AB",
    "\ufeffMouse": "Mouse",
    "Café": "Café",
    "   ": None,
    "": None,
    "\u200e": None,
}

IDS = {"17850.0": "17850", "17850": "17850", "17850.00": "17850", "1.5": "1.5", "C123": "C123"}


def read(engine: DuckDB | Pandas, texts: list[str], expression: nw.Expr) -> dict[str, object]:
    """The meaning of each text."""
    lines = pa.array(range(len(texts)), pa.int64())
    frame = engine.table(pa.table({"text": texts, "source_line": lines}))
    found = engine.collect(frame.select("text", meaning=expression)).to_pylist()
    return {row["text"]: row["meaning"] for row in found}


@each_engine
def test_amounts(engine: DuckDB | Pandas) -> None:
    assert read(engine, [*CENTS], parsing.units("text", ".", ",", 2)) == CENTS


@each_engine
def test_amounts_with_a_decimal_comma(engine: DuckDB | Pandas) -> None:
    written = {"1.234,56": 123_456, "5,2": 520, "5.2": None, "1.234": 123_400}

    assert read(engine, [*written], parsing.units("text", ",", ".", 2)) == written


@each_engine
def test_prices_have_four_decimals(engine: DuckDB | Pandas) -> None:
    written = {"2.55": 25_500, "0.0001": 1, "1.00005": None, "3": 30_000}

    assert read(engine, [*written], parsing.units("text", ".", ",", 4)) == written


@each_engine
def test_numbers_without_a_thousands_sign(engine: DuckDB | Pandas) -> None:
    written = {"1234.50": 123_450, "1 234.50": 123_450, "1,234.50": None, "1]234": None}

    assert read(engine, [*written], parsing.units("text", ".", "", 2)) == written


@each_engine
def test_times_of_the_day(engine: DuckDB | Pandas) -> None:
    assert read(engine, [*SECONDS], parsing.seconds("text")) == SECONDS


@each_engine
def test_a_day_without_its_time(engine: DuckDB | Pandas) -> None:
    written = {"2024-01-01 08:26:00": "2024-01-01", "2024-01-01T08:26": "2024-01-01", "x": "x"}

    assert read(engine, [*written], parsing.day_text("text")) == written


@each_engine
def test_names_without_what_nobody_sees(engine: DuckDB | Pandas) -> None:
    assert read(engine, [*TIDY], parsing.tidy("text")) == TIDY


@each_engine
def test_ids_that_a_spreadsheet_made_decimal(engine: DuckDB | Pandas) -> None:
    assert read(engine, [*IDS], parsing.whole_id(nw.col("text"))) == IDS


@each_engine
def test_words_for_nothing(engine: DuckDB | Pandas) -> None:
    texts = {"nan": None, "Nan": "Nan", "banana": "banana"}

    assert read(engine, [*texts], parsing.without(nw.col("text"), ["nan"])) == texts
