"""Applying and pulling: what changes, what somebody edited, what is said; Superset at the wire."""

from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from sqlalchemy import Engine, text

from txplatform.bi import applying, assets
from txplatform.bi.client import Client, reason
from txplatform.bi.documents import written
from txplatform.errors import ServerError, UsageError
from txplatform_tests.bi.fake_superset import PASSWORD, Superset

DOCUMENTS = assets.read()
SPEND = next(one for one in DOCUMENTS.values() if one.get("slug") == "spend")
WEEKLY = next(one for one in DOCUMENTS.values() if one.get("table_name") == "weekly_transactions")


def edit(server: Superset, uuid: str, **changes: Any) -> None:
    """Change a document as somebody does in Superset."""
    server.documents[uuid] = {**server.documents[uuid], **changes}


def say(engine: Engine, sentence: str) -> None:
    """Let the database say something else of a table."""
    with engine.begin() as connection:
        connection.execute(text(f"COMMENT ON TABLE weekly_transactions IS '{sentence}'"))


def rename(engine: Engine, column: str, name: str) -> None:
    """Give a column another name."""
    with engine.begin() as connection:
        connection.execute(text(f"ALTER TABLE weekly_transactions RENAME {column} TO {name}"))


def test_everything_comes_once_and_then_nothing(
    engine: Engine, server: Superset, client: Client, memory: Path
) -> None:
    first = applying.apply(engine, client, memory)
    again = applying.apply(engine, client, memory)

    assert len(first.changed) == len(DOCUMENTS)
    assert again == applying.Applied((), ())
    assert server.imports == [set(DOCUMENTS)]
    assert set(server.passwords.values()) == {engine.url.password}


def test_the_password_is_nowhere_but_where_superset_takes_it(
    engine: Engine, server: Superset, client: Client, memory: Path
) -> None:
    applying.apply(engine, client, memory)

    [database] = [one for one in server.documents.values() if one["kind"] == "databases"]
    assert database["sqlalchemy_uri"].startswith("postgresql+psycopg2://")
    assert f":{assets.SHOWN_PASSWORD}@" in database["sqlalchemy_uri"]
    assert str(engine.url.password) not in memory.read_text(encoding="utf-8")


def test_columns_are_described_by_the_database(
    engine: Engine, server: Superset, client: Client, memory: Path
) -> None:
    with engine.begin() as connection:
        connection.execute(text("COMMENT ON COLUMN weekly_transactions.division IS 'Ours.'"))

    applying.apply(engine, client, memory)

    columns = {one["column_name"]: one for one in server.documents[WEEKLY["uuid"]]["columns"]}
    assert columns["division"]["description"] == "Ours."
    assert columns["total_amount"]["type"] == "NUMERIC"


def test_what_the_code_changes_is_applied_alone(
    engine: Engine, server: Superset, client: Client, memory: Path
) -> None:
    applying.apply(engine, client, memory)
    say(engine, "Another sentence.")

    changed = applying.apply(engine, client, memory)

    assert changed == applying.Applied(("weekly_transactions",), ())
    assert server.imports[-1] == {WEEKLY["uuid"]}


def test_an_edit_is_named_and_stays_while_others_are_applied(
    engine: Engine, server: Superset, client: Client, memory: Path
) -> None:
    applying.apply(engine, client, memory)
    edit(server, SPEND["uuid"], dashboard_title="Mine", css="body {}")
    say(engine, "A third sentence.")

    told = applying.apply(engine, client, memory)

    assert told.changed == ("weekly_transactions",)
    assert told.edited == (
        applying.Edit("dashboards", SPEND["dashboard_title"], ("css", "dashboard_title")),
    )
    assert server.documents[SPEND["uuid"]]["dashboard_title"] == "Mine"
    assert applying.apply(engine, client, memory).edited == told.edited, "and again"


def test_force_takes_the_codes(
    engine: Engine, server: Superset, client: Client, memory: Path
) -> None:
    applying.apply(engine, client, memory)
    edit(server, SPEND["uuid"], dashboard_title="Mine", css="body {}")

    told = applying.apply(engine, client, memory, is_forced=True)

    assert told == applying.Applied((SPEND["dashboard_title"],), ())
    assert server.documents[SPEND["uuid"]]["css"] == ""
    assert applying.apply(engine, client, memory) == applying.Applied((), ())


@pytest.mark.parametrize("has_moved", [False, True])
def test_without_memory_whatever_differs_counts_as_edited(
    engine: Engine, server: Superset, client: Client, memory: Path, has_moved: bool
) -> None:
    applying.apply(engine, client, memory)
    edit(server, SPEND["uuid"], dashboard_title="Mine")
    memory.unlink()

    server.passwords = {}
    [database] = [uuid for uuid, one in DOCUMENTS.items() if one["kind"] == "databases"]
    if has_moved:
        edit(server, database, sqlalchemy_uri="postgresql+psycopg2://bi:XXXXXXXXXX@127.0.0.1:1/x")

    told = applying.apply(engine, client, memory)

    assert [one.title for one in told.edited] == [SPEND["dashboard_title"]]
    assert told.changed == ("txplatform",), "whose password Superset may have forgotten, too"
    assert list(server.passwords.values()) == [engine.url.password]


def test_a_pull_of_nothing_new_changes_no_file(
    engine: Engine, client: Client, memory: Path, tmp_path: Path
) -> None:
    folder = copied(tmp_path / "assets")
    applying.apply(engine, client, memory)

    assert applying.pull(engine, client, memory, folder) == []


def test_a_pull_elsewhere_leaves_an_edit_an_edit(
    engine: Engine, server: Superset, client: Client, memory: Path, tmp_path: Path
) -> None:
    """Catches: an apply that overwrites what was pulled into a folder that it does not read."""
    applying.apply(engine, client, memory)
    edit(server, SPEND["uuid"], dashboard_title="Mine")

    applying.pull(engine, client, memory, copied(tmp_path / "assets"))

    told = applying.apply(engine, client, memory)
    assert [one.title for one in told.edited] == [SPEND["dashboard_title"]]
    assert server.documents[SPEND["uuid"]]["dashboard_title"] == "Mine"


def test_a_pull_into_a_folder_without_yaml_is_one_sentence(
    engine: Engine, client: Client, memory: Path, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match=f"{tmp_path}/nowhere holds no YAML of dashboards"):
        applying.pull(engine, client, memory, tmp_path / "nowhere")


def test_a_pull_writes_the_edit_and_the_new_chart_that_it_uses(
    engine: Engine, server: Superset, client: Client, memory: Path, tmp_path: Path
) -> None:
    folder = copied(tmp_path / "assets")
    applying.apply(engine, client, memory)
    chart = next(one for one in server.documents.values() if one["kind"] == "charts")
    position = {**server.documents[SPEND["uuid"]]["position"]}
    position["CHART-x"] = {"type": "CHART", "meta": {"uuid": "x", "chartId": 99}}
    edit(server, SPEND["uuid"], position=position)
    server.documents["x"] = {**chart, "uuid": "x", "slice_name": "A new chart!"}
    position["CHART-z"] = {"type": "CHART", "meta": {"uuid": "z", "chartId": 98}}
    server.documents["y"] = {**chart, "uuid": "y", "slice_name": "Of nobody's dashboard"}
    server.documents["z"] = {**chart, "uuid": "z", "slice_name": "A new chart?"}

    changed = applying.pull(engine, client, memory, folder)

    assert {file.relative_to(folder).as_posix() for file in changed} == {
        "charts/a_new_chart.yaml",
        "charts/a_new_chart_z.yaml",
        "dashboards/spend.yaml",
    }
    written = yaml.safe_load((folder / "dashboards/spend.yaml").read_text(encoding="utf-8"))
    assert written["position"]["CHART-x"] == {"type": "CHART", "meta": {"uuid": "x"}}


def copied(folder: Path) -> Path:
    """The YAML in a folder of the test's own, as `pull` writes it."""
    for uuid, file in assets.paths().items():
        document = {key: one for key, one in DOCUMENTS[uuid].items() if key != "kind"}
        copy = folder / file.relative_to(assets.FOLDER)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(written(document), encoding="utf-8")
    return folder


def test_a_vanished_column_is_one_sentence_and_nothing_is_applied(
    engine: Engine, server: Superset, client: Client, memory: Path
) -> None:
    rename(engine, "refund_amount", "gone")
    try:
        with pytest.raises(ServerError, match=r"weekly_transactions names refund_amount, which"):
            applying.apply(engine, client, memory)
    finally:
        rename(engine, "gone", "refund_amount")
    assert server.imports == []


def test_a_wrong_password_says_what_to_do(server: Superset) -> None:
    with pytest.raises(ServerError, match="refuses the password: look into the file"):
        Client(server.address, "admin", "wrong", "look into the file.")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"message": {"name": ["Too long."]}}', "{'name': ['Too long.']}"),
        ('{"errors": [{"message": "Not\\nyours.", "error_type": "X"}]}', "Not yours."),
        ("<html><style>p {}</style><h1>500</h1>\n<p>Fatal  error</p></html>", "500 Fatal error"),
        ('["other"]', "['other']"),
        ("null", "None"),
    ],
)
def test_a_refusal_is_told_without_its_brackets(content: str, said: str) -> None:
    assert reason(httpx.Response(500, text=content)) == said


def test_a_page_to_log_in_on_is_no_answer(client: Client) -> None:
    """Catches: an import that never was, taken for done."""
    del client._http.headers["Cookie"]

    with pytest.raises(ServerError, match=r"refuses POST security/roles/ \(302\)"):
        client.post("security/roles/", {"name": "nobody"})


def test_a_superset_that_is_not_there_is_one_sentence() -> None:
    with pytest.raises(ServerError, match=r"http://127\.0\.0\.1:9 does not answer"):
        Client("http://127.0.0.1:9", "admin", PASSWORD)
