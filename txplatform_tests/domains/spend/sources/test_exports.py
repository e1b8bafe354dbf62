"""Exports as Socrata's portals and MongoDB's tools write them: every purchase, none twice."""

import json
from pathlib import Path
from typing import Any

import pytest
from pymongo.database import Database

from txplatform.domains.spend.sources.guess import guess_layout
from txplatform.domains.spend.sources.ingest import ingest_file
from txplatform.domains.spend.sources.layouts import Layout, parse_layout
from txplatform.errors import SourceError
from txplatform_tests.domains.spend.sources.conftest import POLICY
from txplatform_tests.domains.spend.sources.stored import rejected, transactions

Mongo = Database[dict[str, Any]]
LABELS = {
    "department": "Department Name",
    "division": "Division",
    "merchant": "Merchant",
    "transaction_date": "Transaction Date",
    "amount": "Merchandise Amt",
}
SOCRATA = """Fiscal Year,Department Name,Division,Merchant,Transaction Date,Merchandise Amt
2024,DEPT OF EDUCATION,"Schools, North",AMAZON.COM*M4,01/15/2024,"$1,234.50"
2024,DEPT OF EDUCATION,,Café Zoë,01/16/2024,$7.00
2024,DEPT OF EDUCATION,,Café Zoë,01/17/2024,"($1,000.00)"
2024,DEPT OF EDUCATION,,Café Zoë,01/18/2024,$-5.10
"""
TRAILER = """Total,,,,,"$236.40"
"Downloaded from data.example.gov on 02/01/2024",,,,,
"""
TAKEN = [
    "2024-01-15 | Schools, North | AMAZON.COM*M4 | 1234.50",
    "2024-01-16 | (unknown) | Café Zoë | 7.00",
    "2024-01-17 | (unknown) | Café Zoë | -1000.00",
    "2024-01-18 | (unknown) | Café Zoë | -5.10",
]


def layout(date_format: str, names: dict[str, str], keys: str = "") -> Layout:
    """A layout of these columns."""
    columns = "\n".join(f"{field} = {json.dumps(name)}" for field, name in names.items())
    head = f'name = "export"\ncurrency = "USD"\ndate_format = {json.dumps(date_format)}'
    return parse_layout(f"{head}\n{keys}\n[columns]\n{columns}\n", "export.toml")


def taken(database: Mongo) -> list[str]:
    """The purchases that were loaded."""
    return sorted(transactions(database, "transaction_date", "division", "merchant", "amount"))


def test_a_download_of_socrata(mongo_database: Mongo, tmp_path: Path) -> None:
    """Labels as headings, dollars with signs of thousands, and lines about the file at its end."""
    path = tmp_path / "Employee_Credit_Card_Transactions.csv"
    path.write_text(f"\ufeff{SOCRATA}{TRAILER}".replace("\n", "\r\n"), encoding="utf-8")

    report = ingest_file(mongo_database, path, layout("MM/dd/yyyy", LABELS), POLICY)

    assert taken(mongo_database) == TAKEN
    assert (report.rows_read, report.loaded) == (6, 4)
    assert report.refused_by_rule == {"DATE_EMPTY": 2}
    assert rejected(mongo_database, "source_line") == ["6", "7"]


FIELDS = {field: name.lower().replace(" ", "_") for field, name in LABELS.items()}
FLOATING = "yyyy-MM-dd'T'HH:mm:ss.SSS"
API = [
    {
        "department_name": "DEPT",
        "merchandise_amt": amount,
        "transaction_date": f"{day}T00:00:00.000",
    }
    for day, amount in (("2024-01-15", "1234.50"), ("2024-01-16", "7"), ("2024-01-17", "-1000.0"))
]
COMPUTED = {":@computed_region_9d8v": "7", ":id": "row-a7c5", ":updated_at": "2024-02-01T00:00:00Z"}


def answer_of_the_api(path: Path) -> None:
    """A JSON list, a record a line behind a comma; a field without a value is not there."""
    records = [{**API[0], "division": "Schools, North", **COMPUTED}, *API[1:]]
    path.write_text("[" + "\n,".join(map(json.dumps, records)) + "]\n", encoding="utf-8")


def csv_of_the_api(path: Path) -> None:
    """Every cell in quotes, names of fields as headings, floating timestamps."""
    rows = [[*one.values(), "Schools, North" if one is API[0] else ""] for one in API]
    lines = [[*API[0], "division"], *rows]
    quoted = (",".join(f'"{cell}"' for cell in line) for line in lines)
    path.write_text("\n".join(quoted) + "\n", encoding="utf-8")


@pytest.mark.parametrize("write", [answer_of_the_api, csv_of_the_api])
def test_answers_of_socratas_interface(write: Any, mongo_database: Mongo, tmp_path: Path) -> None:
    path = tmp_path / "x7ab-9cd2.json"
    write(path)
    form = layout(FLOATING, FIELDS, 'optional = ["merchant"]')

    report = ingest_file(mongo_database, path, form, POLICY)

    assert (report.rows_read, report.loaded, report.refused) == (3, 3, 0)
    assert taken(mongo_database) == [
        "2024-01-15 | Schools, North | (unknown) | 1234.50",
        "2024-01-16 | (unknown) | (unknown) | 7.00",
        "2024-01-17 | (unknown) | (unknown) | -1000.00",
    ]


def test_a_layout_is_guessed_of_floating_timestamps(mongo_database: Mongo, tmp_path: Path) -> None:
    path = tmp_path / "x7ab-9cd2.json"
    answer_of_the_api(path)

    guessed = parse_layout(guess_layout(path).toml, "guessed.toml")

    assert ingest_file(mongo_database, path, guessed, POLICY).loaded == 3


def test_rows_below_metadata_are_refused_whole(mongo_database: Mongo, tmp_path: Path) -> None:
    """Socrata's `rows.json`: lists without names behind a description of the view."""
    path = tmp_path / "rows.json"
    view = {"meta": {"view": {"id": "x7ab-9cd2"}}, "data": [["row-a7c5", "DEPT", "7.00"]]}
    path.write_text(json.dumps(view, indent=2), encoding="utf-8")

    with pytest.raises(SourceError, match="column"):
        ingest_file(mongo_database, path, layout(FLOATING, FIELDS), POLICY)

    assert transactions(mongo_database, "_id") == []


EXPORTED = (
    ('{"$date":"2024-01-15T00:00:00Z"}', '{"$numberDecimal":"1234.50"}', "4711"),
    ('{"$date":{"$numberLong":"1705363200000"}}', '{"$numberDouble":"7.0"}', '{"$numberInt":"12"}'),
    ('{"$date":"2024-01-16T23:30:00.000-05:00"}', '{"$numberLong":"-1000"}', '"S-1"'),
    ('{"$date":"2024-01-18T00:00:00.000Z"}', "-5.1", '{"$numberLong":"9007199254740993"}'),
)


def exported(number: int) -> str:
    """A document as `mongoexport` writes it, relaxed or canonical."""
    day, amount, account = EXPORTED[number]
    return (
        f'{{"_id":{{"$oid":"65a4f0{number:018x}"}},"department_name":"DEPT","when":{day},'
        f'"shop":{{"name":"Café","account":{account}}},"amount":{amount},"tags":[],"note":null}}'
    )


@pytest.mark.parametrize(
    ("before", "between", "after"), [("", "\n", "\n"), ("[", ",", "]\n"), ("[\n", ",\n", "\n]")]
)
def test_exports_of_a_collection(
    before: str, between: str, after: str, mongo_database: Mongo, tmp_path: Path
) -> None:
    """`mongoexport`, also with `--jsonArray`: ids, dates and decimals are what they were."""
    path = tmp_path / "purchases.json"
    path.write_text(before + between.join(map(exported, range(4))) + after, encoding="utf-8")
    names = {"department": "department_name", "transaction_date": "when", "amount": "amount"}
    names |= {"merchant": "shop.name", "division": "shop.account"}
    form = layout("yyyy-MM-dd", names, 'id_column = "_id"')

    report = ingest_file(mongo_database, path, form, POLICY)

    assert (report.rows_read, report.loaded, report.refused) == (4, 4, 0)
    assert taken(mongo_database) == [
        "2024-01-15 | 4711 | Café | 1234.50",
        "2024-01-16 | 12 | Café | 7.00",
        "2024-01-17 | S-1 | Café | -1000.00",
        "2024-01-18 | 9007199254740993 | Café | -5.10",
    ]
    assert f"export:65a4f0{0:018x}" in transactions(mongo_database, "_id")
