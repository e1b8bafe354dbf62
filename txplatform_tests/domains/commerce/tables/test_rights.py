"""Who may do what with the tables and collections of commerce."""

import pytest

from txplatform.domains.commerce import tables


def test_who_computes_replaces_and_who_reads_reads() -> None:
    names = {f"commerce.{name}" for name in tables.LISTED}
    growing = {f"commerce.{name}" for name in tables.LISTED.keys() - tables.GOLD.keys()}

    assert set(tables.TABLES["compute"]) == set(tables.TABLES["read"]) == names
    for name, rights in tables.TABLES["compute"].items():
        changing = "UPDATE" if name in growing else "DELETE"
        assert rights == ("SELECT", "INSERT", changing)
    assert set(tables.TABLES["read"].values()) == {("SELECT",)}


@pytest.mark.parametrize("part", ["ingest", "decide"])
def test_who_ingests_or_decides_has_no_business_here(part: str) -> None:
    assert tables.TABLES[part] == {}


def test_collections_are_those_of_the_tables_and_their_successors() -> None:
    names = {f"gold_{name}" for name in tables.LISTED}
    successors = {f"gold_{name}_next" for name in tables.GOLD}

    assert set(tables.COLLECTIONS["read"]) == names
    assert set(tables.COLLECTIONS["compute"]) == names | successors
    assert "dropCollection" not in tables.COLLECTIONS["compute"]["gold_refreshes"]
    assert {*tables.COLLECTIONS["read"].values()} == {("find",)}


def test_personal_data_are_in_one_table_of_gold_only() -> None:
    holding = {
        name for name, table in tables.GOLD.items() if {"name", "email"} & {*table.columns.keys()}
    }

    assert holding == {"clients"}


def test_silver_is_never_on_a_server() -> None:
    assert set(tables.SILVER) == {
        "customers",
        "customers_history",
        "ingestions",
        "issues",
        "lines",
        "lines_history",
        "quarantine",
        "raw_quality",
        "withdrawals",
    }
    assert not {*tables.SILVER} & {*tables.GOLD}
