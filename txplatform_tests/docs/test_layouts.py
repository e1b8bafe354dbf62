"""docs/layouts.md is right: its examples load and read, its tables are complete."""

import re
from pathlib import Path

import pytest

from txplatform.connectors.files import FileFormat, open_table, verify
from txplatform.domains.spend.sources import layouts
from txplatform.domains.spend.sources.ingest import file_format
from txplatform.domains.spend.sources.layouts import Columns, Layout, list_layouts, parse_layout
from txplatform.domains.spend.sources.records import Policy, Purchase, RecordParser, Refused
from txplatform.domains.spend.sources.sample_mistakes import MISTAKES

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "layouts.md").read_text(encoding="utf-8")
EXAMPLES = [
    parse_layout(text, "docs/layouts.md")
    for text in re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
]
BY_NAME = {layout.name: layout for layout in EXAMPLES}
SOURCES = Path(layouts.__file__).parent

HEADER = (
    "TRANS DATE,TRANS VAT DESC,ORIGINAL GROSS AMT,ORIGINAL CUR,BILLING GROSS AMT,BILLING CUR CODE,"
    "Supplier,TRANS CAC CODE 1,TRANS CAC DESC 1,TRANS CAC CODE 2,TRANS CAC DESC 2,"
    "TRANS CAC CODE 3,TRANS CAC DESC 3,Directorate\n"
)
COUNCIL = f"""\
Purchase cards, June 2024
{HEADER}\
03/06/2024,VR,"1,234.50",GBP,"1,234.50",GBP,Café Noir,K1,Food,R1,Hall,A1,,ADULT AND COMMUNITIES
04/06/2024,VZ,100.00,EUR,85.10,GBP,,K2,Books,R2,,A2,Library,Local Services
{HEADER}\
{"," * HEADER.count(",")}
"""
LEDGER = """\
Datum;Kostenstelle;Soll;Haben
03.06.2024;Bauhof;1.234,50;
04.06.2024;Bauhof;0,00;12,00
05.06.2024;Bauhof;1,00;2,00
"""


def read(layout: Layout, text: str, path: Path) -> list[Purchase | Refused]:
    """What a layout makes of a file."""
    path.write_bytes(text.encode(layout.encoding))
    with open_table(verify(path, layout.encoding), file_format(layout)) as table:
        parser = RecordParser(layout, table.header, Policy(), path.name)
        return [parser.parse(row) for row in table.rows]


def test_the_examples_are_all_there() -> None:
    assert list(BY_NAME) == ["mine", "council", "ledger", "bank", "monthly-cards"]


def test_the_councils_example_reads_a_file_of_14_columns(tmp_path: Path) -> None:
    first, second, *others = read(BY_NAME["council"], COUNCIL, tmp_path / "june.csv")

    assert first[:4] == ("Adult & Communities", "Hall", "Café Noir", "Food")
    assert second[:4] == ("Local Services", "Library", "(unknown)", "Books")
    assert isinstance(first, Purchase)
    assert isinstance(second, Purchase)
    assert (first.cents, second.cents) == (123_450, 8_510)
    assert [row[0] for row in others] == ["HEADER_REPEATED", "BLANK_ROW"]


def test_the_ledgers_example_reads_debits_and_credits(tmp_path: Path) -> None:
    rows = read(BY_NAME["ledger"], LEDGER, tmp_path / "june.csv")

    assert [row.cents if isinstance(row, Purchase) else row.rule for row in rows] == [
        123_450,
        -1_200,
        "AMOUNT_TWICE",
    ]


def test_every_key_is_explained() -> None:
    tables = {"columns", "constants", "aliases", "printed_totals", "spellings"}
    for key in Layout.model_fields.keys() - tables:
        assert f"| `{key}` |" in PAGE, key
    for table in tables:
        assert f"[{table}" in PAGE, table
    for field in Columns.model_fields:
        assert f"`{field}`" in PAGE, field


def test_every_key_stands_in_an_example() -> None:
    used = {name for layout in EXAMPLES for name in layout.model_fields_set}

    assert used == set(Layout.model_fields)


def test_defaults_are_those_of_the_code() -> None:
    for key in ("encoding", "delimiter", "decimal_sign", "thousands_sign", "time_zone"):
        assert f"| `{key}` | `{Layout.model_fields[key].default}` |" in PAGE, key
    assert FileFormat() == file_format(BY_NAME["mine"])._replace(names=())


def test_every_shipped_layout_is_listed() -> None:
    for layout in list_layouts():
        assert f"| `{layout.name}` |" in PAGE


def documented_rules() -> set[str]:
    """The rules of the page's table."""
    return set(re.findall(r"^\| `([A-Z_]+)` \|", PAGE, re.MULTILINE))


def test_every_rule_of_the_code_is_documented_and_no_other() -> None:
    refusals = r"(?:Refusal|Refused)\(\s*\"([A-Z_]+)\""
    code = {
        rule for file in SOURCES.glob("*.py") for rule in re.findall(refusals, file.read_text())
    }

    assert documented_rules() == code
    assert MISTAKES.keys() <= code


@pytest.mark.parametrize("rule", sorted(documented_rules()))
def test_every_rule_has_a_test(rule: str) -> None:
    tests = ROOT / "txplatform_tests" / "domains" / "spend" / "sources"

    assert any(f'"{rule}"' in file.read_text() for file in tests.glob("test_*.py"))
