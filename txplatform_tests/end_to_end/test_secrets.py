"""Markers are planted as secrets and cards; afterwards they are nowhere that anybody looks.

Looked at: what commands print, every page of the dashboard as a browser receives it, every file of
the state folder but its secrets (logs too), every document of MongoDB, and every row of PostgreSQL,
Dagster's history with its packed parts included.
"""

import json
import subprocess
import sys
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from bson import json_util
from pymongo.database import Database
from sqlalchemy import Engine, create_engine, inspect, make_url, text

from txplatform import embedded
from txplatform.embedded.processes import free_port, is_listening, wait_until
from txplatform.serving.dashboard.pages import addresses
from txplatform.settings import Settings
from txplatform_tests.end_to_end import environments
from txplatform_tests.end_to_end.frames import html, reading

MARKERS = {
    name: f"MARKER{name}x7Qz" for name in ("mongo", "postgres", "source", "alarm", "card", "person")
}
PURCHASES = f"""date,department,amount,card
2026-06-01,Roads,5.28,{MARKERS["person"]}
2026-06-31,Roads,5.28,{MARKERS["person"]}
2026-06-02,Roads,much,{MARKERS["person"]}
2026-06-02,Roads,5.28,{MARKERS["person"]},more
"""
END_SESSIONS = text(
    "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE usename = :role"
)
COMMANDS = [
    ["spend", "ingest", "purchases.csv", "--layout", "generic"],
    ["spend", "ingest", f"mongodb://ada:{MARKERS['source']}@127.0.0.1:9/company.purchases"],
    ["spend", "ingest", f"postgresql://ada:{MARKERS['source']}@127.0.0.1:9/company"],
    ["spend", "run", "--all", "--no-alerts"],
    ["spend", "export", "weekly-transactions", "-o", "weekly.csv"],
    ["spend", "rejected"],
    ["status"],
    ["spend", "status"],
    ["doctor"],
    ["doctor", "--settings", "--json"],
    ["token", "list"],
]


@pytest.fixture
def superuser(settings: Settings, empty_postgres_url: str) -> Iterator[Engine]:
    """The test's database for the superuser, given to a role whose password is a marker."""
    password = (settings.state / "secrets" / "postgres-superuser").read_text(encoding="utf-8")
    url = make_url(empty_postgres_url).set(username="postgres", password=password)
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    role = f"owner_of_{url.database}"
    with engine.connect() as connection:
        connection.execute(text(f"CREATE ROLE {role} LOGIN PASSWORD '{MARKERS['postgres']}'"))
        connection.execute(text(f"GRANT ALL ON DATABASE {url.database} TO {role}"))
        connection.execute(text(f"GRANT ALL ON SCHEMA public TO {role}"))
    yield engine
    with engine.connect() as connection:
        connection.execute(text(f"DROP OWNED BY {role} CASCADE"))
        connection.execute(text(f"DROP ROLE {role}"))
    engine.dispose()


@pytest.fixture
def environment(
    tmp_path: Path,
    endpoints: embedded.Endpoints,
    mongo_database: Database[dict[str, Any]],
    superuser: Engine,
) -> Iterator[Mapping[str, str]]:
    """Settings in which every secret is a marker; one of them comes from a file."""
    mongo_database.command("createUser", "ada", pwd=MARKERS["mongo"], roles=["dbOwner"])
    host = make_url(endpoints.mongo_uri).host
    port = make_url(endpoints.mongo_uri).port
    server = f"{host}:{port}"
    name = superuser.url.database
    owner = superuser.url.set(username=f"owner_of_{name}", password=MARKERS["postgres"])
    secret = tmp_path / "postgres_url"
    secret.write_text(owner.render_as_string(hide_password=False), encoding="utf-8")
    source = f"mongodb://eve:{MARKERS['source']}@{server}/company.purchases?authSource=admin"
    yield environments.clean(
        TXPLATFORM_STATE_DIR=str(tmp_path / "state"),
        TXPLATFORM_SPEND_ENGINE="mongo",
        TXPLATFORM_MONGO_URI=f"mongodb://ada:{MARKERS['mongo']}@{server}/?authSource={mongo_database.name}",
        TXPLATFORM_MONGO_DATABASE=mongo_database.name,
        TXPLATFORM_POSTGRES_URL_FILE=str(secret),
        TXPLATFORM_SPEND_SOURCE_COLLECTION=source,
        TXPLATFORM_ALARM_URLS=f"json://ada:{MARKERS['alarm']}@127.0.0.1:9/ nothing://{MARKERS['alarm']}",
        TXPLATFORM_SPEND_CARD_KEY=MARKERS["card"],
    )
    mongo_database.command("dropUser", "ada")


def run_commands(folder: Path, environment: Mapping[str, str]) -> str:
    """What the commands, a failing run and an alarm print."""
    (folder / "purchases.csv").write_text(PURCHASES, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "txplatform_tests.end_to_end.planted_commands"],
        input=json.dumps(COMMANDS),
        cwd=folder,
        env={**environment, "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout + done.stderr


def serve(folder: Path, environment: Mapping[str, str]) -> str:
    """What the API answers and prints when it is asked, with a wrong token and without any."""
    port, path = str(free_port()), folder / "api.txt"
    command = [sys.executable, "-m", "txplatform", "api", "--port", port]
    with path.open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        assert wait_until(lambda: is_listening(int(port)) or process.poll() is not None, 120)
        address = f"http://127.0.0.1:{port}"
        week = "spend/transactions?week=2026-06-01"
        paths = ("spend/weeks", "nowhere", "openapi.json", week, "metrics")
        said = [httpx.get(f"{address}/{one}", timeout=60).text for one in paths]
        wrong = {"Authorization": f"Bearer txp_00000000_{MARKERS['person']}"}
        said.append(httpx.get(f"{address}/spend/weeks", headers=wrong, timeout=60).text)
    finally:
        process.terminate()
        process.wait()
    return "\n".join([*said, path.read_text(encoding="utf-8")])


def look(folder: Path, environment: Mapping[str, str], superuser: Engine) -> bytes:
    """What the dashboard sends for every page, and for one whose database lets nobody in."""
    port, role = str(free_port()), f"owner_of_{superuser.url.database}"
    command = [sys.executable, "-m", "txplatform", "dashboard", "--port", port]
    with (
        (folder / "dashboard.txt").open("wb") as log,
        subprocess.Popen(command, env=environment, stdout=log, stderr=log) as process,
    ):
        try:
            assert wait_until(lambda: is_listening(int(port)) or process.poll() is not None, 120)
            address = f"http://127.0.0.1:{port}"
            paths = ["", *addresses()]
            shown = [html(address, path).encode() for path in paths]
            with reading(address) as page:
                shown += [page(path) for path in paths]
                with superuser.connect() as connection:
                    connection.execute(text(f"ALTER ROLE {role} NOLOGIN"))
                    connection.execute(END_SESSIONS, {"role": role})
                shown += [page("spend-health"), html(address).encode()]
        finally:
            process.terminate()
    return b"\n".join([*shown, (folder / "dashboard.txt").read_bytes()])


def found_in(content: bytes | str, where: str) -> list[str]:
    """Which markers stand in a content."""
    raw = content.encode() if isinstance(content, str) else content
    return [f"{name} in {where}" for name, marker in MARKERS.items() if marker.encode() in raw]


def found_in_files(state: Path) -> Iterator[str]:
    """Markers in the files of a state folder, those that keep secrets aside."""
    for path in state.rglob("*"):
        if path.is_file() and "secrets" not in path.parts:
            yield from found_in(path.read_bytes(), str(path.relative_to(state)))


def found_in_postgres(engine: Engine) -> Iterator[str]:
    """Markers in any row of any table, and in what Dagster packs."""
    with engine.connect() as connection:
        for table in inspect(engine).get_table_names():
            for row in connection.execute(text(f'SELECT * FROM "{table}"')):  # noqa: S608 - its name
                for cell in row:
                    packed = bytes(cell) if isinstance(cell, bytes | memoryview) else None
                    yield from found_in(unpacked(packed) if packed else str(cell), table)


def unpacked(content: bytes) -> bytes:
    """What Dagster packed, or the content itself."""
    try:
        return content + zlib.decompress(content)
    except zlib.error:
        return content


def test_no_secret_and_no_card_is_anywhere(
    tmp_path: Path,
    environment: Mapping[str, str],
    mongo_database: Database[dict[str, Any]],
    superuser: Engine,
) -> None:
    said = run_commands(tmp_path, environment)
    said += serve(tmp_path, environment)
    shown = look(tmp_path, environment, superuser)
    documents = {
        name: list(mongo_database[name].find()) for name in mongo_database.list_collection_names()
    }

    assert "3 refused" in said
    assert "1 rows written to weekly.csv" in said
    assert "ingest_sources succeeded: False" in said
    assert "Not every channel of TXPLATFORM_ALARM_URLS" in said
    assert "event_logs" in inspect(superuser).get_table_names()
    assert documents["transactions_rejected"]
    assert found_in(said, "what was printed") == []
    assert b"purchases.csv" in shown
    assert shown.count(b"PostgreSQL does not answer") == 2  # on an open page, and on a new one
    assert (tmp_path / "state" / "dashboard" / "dashboard.log").exists()
    assert found_in(shown, "the dashboard") == []
    assert list(found_in_files(tmp_path / "state")) == []
    assert found_in(json_util.dumps(documents), "MongoDB") == []
    assert list(found_in_postgres(superuser)) == []
    assert found_in((tmp_path / "weekly.csv").read_text(encoding="utf-8"), "the export") == []


def test_a_marker_that_is_there_is_found(tmp_path: Path, superuser: Engine) -> None:
    """The search itself: in a log, packed, in a table."""
    (tmp_path / "a.log").write_text(f"at {MARKERS['alarm']}!", encoding="utf-8")
    packed = zlib.compress(MARKERS["source"].encode())
    with superuser.connect() as connection:
        connection.execute(text("CREATE TABLE kept (content bytea, note text)"))
        values = {"content": packed, "note": MARKERS["card"]}
        connection.execute(text("INSERT INTO kept VALUES (:content, :note)"), values)

    assert list(found_in_files(tmp_path)) == ["alarm in a.log"]
    assert list(found_in_postgres(superuser)) == ["source in kept", "card in kept"]
