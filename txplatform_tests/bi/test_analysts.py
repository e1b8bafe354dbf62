"""Analysts: which datasets, rows and queries are theirs; at the wire, and in Superset for real."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from txplatform.bi import analysts, applying
from txplatform.bi.client import Client
from txplatform.errors import ServerError, UsageError
from txplatform_tests.bi.fake_superset import Superset
from txplatform_tests.bi.superset import Running, chart_data

SQL = {"client_id": "test", "runAsync": False, "schema": "public"}


@pytest.fixture
def known(engine: Engine, server: Superset, client: Client, memory: Path) -> Superset:
    """A Superset with the code's datasets, its roles and permissions."""
    applying.apply(engine, client, memory)
    datasets = [one for one in server.documents.values() if one["kind"] == "datasets"]
    server.lists["dataset"] = [
        {"id": number, "uuid": one["uuid"], "table_name": one["table_name"],
         "schema": one["schema"], "database": {"database_name": "txplatform"}}
        for number, one in enumerate(datasets, start=1)
    ]  # fmt: skip
    server.lists["security/roles"] = [{"id": 3, "name": "Admin"}, {"id": 4, "name": "Gamma"}]
    server.lists["security/users"] = [{"username": "admin"}]
    server.lists["security/permissions-resources"] = [
        {"id": 100 + one["id"], "permission": {"name": "datasource_access"},
         "view_menu": {"name": f"[txplatform].[{one['table_name']}](id:{one['id']})"}}
        for one in server.lists["dataset"]
    ]  # fmt: skip
    return server


def test_a_limited_analyst_gets_the_datasets_with_the_column_and_a_condition(
    engine: Engine, known: Superset, client: Client
) -> None:
    made = analysts.add(engine, client, "grace", {"department": ["Police", "Women's Affairs"]})

    asked = dict(known.made)
    assert made.datasets == ("alert_counts", "weekly_transactions")
    assert asked["rowlevelsecurity"]["clause"] == (
        """"department" IN ('Police', 'Women''s Affairs')"""
    )
    tables = asked["rowlevelsecurity"]["tables"]
    assert asked["security/roles/1/permissions"] == {
        "permission_view_menu_ids": [100 + number for number in tables]
    }
    assert asked["security/users"]["roles"] == [4, 1]
    assert asked["security/users"]["password"] == made.password
    assert not made.has_rows, "there is none of these departments"


def test_what_a_former_analyst_left_behind_is_nobody_elses(
    engine: Engine, known: Superset, client: Client
) -> None:
    """Catches: a name that cannot be used again, or a login with a former one's rows."""
    known.lists["security/roles"].append({"id": 9, "name": "txplatform grace"})
    known.lists["rowlevelsecurity"] = [{"id": 1, "name": "txplatform grace 2"}]

    analysts.add(engine, client, "grace", {"department": ["Police"]})

    asked = dict(known.made)
    assert asked["security/roles"] == {"name": "txplatform grace 3"}
    assert asked["rowlevelsecurity"]["name"] == "txplatform grace 3"
    assert 9 not in asked["security/users"]["roles"]


def test_an_unlimited_analyst_gets_every_dataset(
    engine: Engine, known: Superset, client: Client
) -> None:
    made = analysts.add(engine, client, "ada", {})

    assert len(made.datasets) == len(known.lists["dataset"])
    assert made.has_rows
    assert "rowlevelsecurity" not in dict(known.made)


@pytest.mark.parametrize(
    ("user", "limits", "sentence"),
    [
        ("admin", {}, "knows a admin already"),
        ("ADMIN", {}, "knows a admin already"),
        ("", {}, "'' is no name of a login"),
        (" ada", {}, "' ada' is no name of a login"),
        ("ada ", {}, "'ada ' is no name of a login"),
        ("a" * 51, {}, "is no name of a login: take 1 to 50 letters"),
        ("ren\N{LATIN SMALL LETTER E WITH ACUTE}", {}, "is no name of a login"),
        ("ada\n", {}, "is no name of a login"),
        ("eve", {"nowhere": ["x"]}, "No dataset has the columns nowhere"),
        (
            "eve",
            {"week_start": ["soon :a"]},
            r"invalid input syntax for type date",
        ),
        ("eve", {"station": ["computed"]}, "No dataset has the columns station"),
    ],
)
def test_an_analyst_that_cannot_be_is_one_sentence(
    engine: Engine,
    known: Superset,
    client: Client,
    user: str,
    limits: analysts.Limits,
    sentence: str,
) -> None:
    with pytest.raises(UsageError, match=sentence):
        analysts.add(engine, client, user, limits)
    assert known.made == []


@pytest.mark.bi
@pytest.mark.timeout(900)
def test_a_limited_analyst_sees_the_rows_of_one_department(superset: Running) -> None:
    with superset.engine.connect() as connection:
        department, total = connection.execute(
            text("SELECT department, sum(total_amount) FROM weekly_transactions "
                 "GROUP BY department ORDER BY 2 DESC LIMIT 1")
        ).one()  # fmt: skip
    made = superset.command("bi", "analyst", "grace", "--only", f"department={department}")
    assert made.returncode == 0, made.stderr
    assert "No row is like that" not in made.stderr
    charts = {one["slice_name"]: one["id"] for one in superset.client.all("chart")}

    grace = Client(superset.address, "grace", made.stdout.strip())
    [rows] = chart_data(grace, charts["Net total | Total net"])
    names = {one["slice_name"] for one in grace.all("chart")}
    with pytest.raises(ServerError, match="refuses"):
        chart_data(grace, charts["Net amount per month | Net par mois"])
    with pytest.raises(ServerError, match="refuses"):
        grace.post("sqllab/execute/", {**SQL, "database_id": 1, "sql": "SELECT 1"})
    [dataset] = [one["id"] for one in grace.all("dataset")
                 if one["table_name"] == "weekly_transactions"]  # fmt: skip
    values = grace.get(f"datasource/table/{dataset}/column/department/values/")["result"]
    seen = asked(grace, dataset, columns=["department"], metrics=[simple("SUM", "total_amount")])
    for query in map(with_sql, OWN_SQL):
        with pytest.raises(ServerError, match=r"\(403\): Your login writes no SQL: take columns"):
            asked(grace, dataset, **query)
    grace.close()

    assert rows == {"total_amount": float(total)}
    assert "Net amount per month | Net par mois" not in names
    assert values == [department]
    assert seen == [{"department": department, "SUM(total_amount)": float(total)}]
    assert asked(superset.client, dataset, **with_sql("SUM(1.0)"))[0]["mine"] > 0, "administrators"
    again = superset.command("bi", "analyst", "GRACE")
    assert "knows a grace already" in again.stderr


OWN_SQL = (
    "ARRAY(SELECT department FROM weekly_transactions)",
    "EXISTS(SELECT 1 FROM alert_counts)",
    "ts_stat('SELECT department::tsvector FROM weekly_transactions')",
    "ts_rewrite('a'::tsquery, 'SELECT department::tsquery, null FROM weekly_transactions')",
    "query_to_xml('SELECT * FROM weekly_transactions', true, true, '')",
    "query_to_xml_and_xmlschema('SELECT * FROM weekly_transactions', true, true, '')",
    "query_to_xmlschema('SELECT * FROM weekly_transactions', true, true, '')",
    "cursor_to_xml('mine', 9, true, true, '')",
    "table_to_xml('weekly_transactions', true, true, '')",
    "schema_to_xml('public', true, true, '')",
    "database_to_xml(true, true, '')",
    "pg_sleep(0)",
    "pg_advisory_lock(1)",
    "pg_terminate_backend(1)",
    "pg_notify('mine', '')",
    "version()",
    "current_setting('data_directory')",
    "pg_read_file('/etc/hostname')",
    "pg_ls_dir('/')",
    "lo_from_bytea(0, 'mine')",
    "lo_get(1)",
)
"""What reads past a limit of rows, or is none of an analyst's business."""


def with_sql(expression: str) -> dict[str, Any]:
    """A query of one number that somebody wrote in SQL."""
    metric = {"expressionType": "SQL", "label": "mine", "sqlExpression": expression}
    return {"columns": [], "metrics": [metric]}


def simple(aggregate: str, column: str) -> dict[str, Any]:
    """A metric that somebody dragged together."""
    return {"expressionType": "SIMPLE", "aggregate": aggregate, "column": {"column_name": column},
            "label": f"{aggregate}({column})"}  # fmt: skip


def asked(client: Client, dataset: int, **query: Any) -> Any:
    """The rows that a chart in the making gets."""
    source = {"id": dataset, "type": "table"}
    body = {"datasource": source, "queries": [query], "result_format": "json", "force": True}
    return client.post("chart/data", {**body, "result_type": "full"})["result"][0]["data"]
