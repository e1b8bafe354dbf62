"""The steps one by one: what a run publishes, what stays when one fails, what is told of it."""

import os
from datetime import date
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest

from txplatform.domains.commerce import freshness, tables
from txplatform.domains.commerce.computation import refresh
from txplatform.domains.commerce.publishing import copies
from txplatform.domains.commerce.publishing.lake import Lake, open_lake
from txplatform.domains.commerce.queries import silver
from txplatform.domains.commerce.queries.lists import Wanted, listing
from txplatform.domains.commerce.settings import CommerceSettings
from txplatform.errors import (
    PlatformError,
    ServerError,
    SourceError,
    UsageError,
)
from txplatform.platform import Platform
from txplatform.settings import load_settings
from txplatform_tests.domains.commerce.shops import ACHATS, CLIENTS, written
from txplatform_tests.embedded.commands import running_s3


@pytest.fixture
def own(tmp_path: Path) -> Platform:
    """An installation whose lake is a folder; its servers are never asked."""
    return Platform(load_settings(state_dir=tmp_path / "state", lake_dir=tmp_path / "lake"))


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Two customers and three purchases."""
    clients = written(tmp_path / "clients.csv", CLIENTS, "1,Ann,a@x.org,2024-01-01,France",
                      "2,Bob,b@x.org,2024-01-01,Spain")  # fmt: skip
    achats = written(tmp_path / "achats.csv", ACHATS, "1,1,2024-01-02,10.00,Mouse",
                     "2,2,2024-01-03,5.25,Phone", "3,1,2024-02-03,0.75,Phone")  # fmt: skip
    return [achats, clients]


def lake_of(platform: Platform) -> Lake:
    """The installation's lake."""
    return open_lake(platform.settings)


def computed(platform: Platform, as_of: date | None = None, run_id: str = "run") -> int:
    """Compute gold; its number."""
    with refresh.engine_of(platform) as engine:
        return refresh.compute(platform, engine, as_of, run_id).number


def test_a_run_publishes_every_table(own: Platform, files: list[Path]) -> None:
    refresh.ingest(own, files, None)

    assert computed(own) == 1

    current = lake_of(own).gold.current()
    assert set(current.tables) >= {"sales_day", "clients", "rfm", "cohorts", "kpis"}
    assert current.facts["engine"] == "duckdb"
    assert (current.facts["as_of"], current.facts["net_amount"]) == ("2024-02-04", "16.00")
    assert current.facts["currency"] == "EUR"
    for name in ("sales_day", "sales_product", "clients"):
        (file,) = current.files(name)
        assert (file.sums, len(file.sha256)) == ({"net_amount": "16.00"}, 64)


def test_the_same_input_gives_the_same_rows(own: Platform, files: list[Path]) -> None:
    refresh.ingest(own, files, None)
    computed(own)
    lake = lake_of(own)
    first = {name: lake.gold_table(name) for name in lake.gold.current().tables}

    assert computed(own) == 2

    for name, rows in first.items():
        assert rows.equals(lake.gold_table(name)), name


def test_as_of_is_a_parameter(own: Platform, files: list[Path]) -> None:
    refresh.ingest(own, files, None)

    computed(own, date(2024, 1, 3))

    assert refresh.published_table(own, "kpis")["net_amount"].to_pylist() == [Decimal("10.00")]


def test_without_lines_nothing_is_published(own: Platform) -> None:
    with pytest.raises(PlatformError, match="There are no sales yet"):
        computed(own)

    assert lake_of(own).gold.current().number == 0


def test_a_run_that_fails_leaves_the_last_version(own: Platform, files: list[Path]) -> None:
    refresh.ingest(own, files, None)
    computed(own)

    with pytest.raises(PlatformError):
        computed(own, date(1999, 1, 1))

    assert lake_of(own).gold.current().number == 1


def test_a_broken_file_stops_before_silver(
    own: Platform, files: list[Path], tmp_path: Path
) -> None:
    broken = tmp_path / "broken.csv"
    broken.write_bytes(b"\x00\x01")

    with pytest.raises(SourceError):
        refresh.ingest(own, [*files, broken], None)

    assert lake_of(own).silver.current().number == 0


def test_a_lake_is_that_of_one_shop(own: Platform, files: list[Path], tmp_path: Path) -> None:
    refresh.ingest(own, files, None)
    other = tmp_path / "cdnow.txt"
    other.write_text(" 00004 0001 19970101  2   29.33\n", encoding="utf-8")

    with pytest.raises(UsageError, match="This lake holds the shop of the layout clients_achats"):
        refresh.ingest(own, [other], "cdnow")


def test_versions_tell_whether_gold_follows_silver(
    own: Platform, files: list[Path], tmp_path: Path
) -> None:
    assert freshness.summary(own).is_empty
    refresh.ingest(own, files, None)
    assert freshness.summary(own).missing == 1
    computed(own)
    assert freshness.summary(own).fresh == 1
    assert refresh.versions(own)["is_up_to_date"]

    refresh.ingest(own, [written(tmp_path / "n.csv", ACHATS, "9,1,2024-03-01,1.00,Pen")], None)

    assert freshness.summary(own).stale == 1
    assert not refresh.versions(own)["is_up_to_date"]
    assert freshness.summary(own).newest == date(2024, 2, 4)


def test_rows_in_quarantine_are_listed_by_file_and_line(own: Platform, tmp_path: Path) -> None:
    lines = ("1,9,2024-01-02,1.00,A", "2,9,2024-01-02,bad,B")
    refresh.ingest(own, [written(tmp_path / "achats.csv", ACHATS, *lines)], None)

    found = silver.rows(own.settings, "quarantine").to_pylist()

    assert [(row["source_line"], row["rule"]) for row in found] == [
        (2, "ORPHAN"),
        (3, "BAD_AMOUNT"),
    ]
    assert refresh.replay_all(own) == []


def test_an_unknown_table_names_those_that_there_are(own: Platform) -> None:
    with pytest.raises(UsageError, match=r"There is no table nothing; there are activity"):
        refresh.published_table(own, "nothing")

    with pytest.raises(PlatformError, match="txplatform commerce run"):
        refresh.published_table(own, "clients")


def test_a_drop_folder_is_taken_in_as_it_is(files: list[Path], tmp_path: Path) -> None:
    folder = tmp_path / "drop"
    folder.mkdir()
    for path in files:
        os.utime(path.rename(folder / path.name), (0, 0))
    (folder / "growing.csv").touch()
    settings = load_settings(state_dir=tmp_path / "state", lake_dir=tmp_path / "lake")
    platform = Platform(settings.having(CommerceSettings, drop_folder=folder))

    assert refresh.has_drop_folder(platform)
    assert refresh.take_in_drop_folder(platform) == ["achats.csv", "clients.csv"]


def test_old_versions_of_silver_go_when_a_drop_folder_is_read(tmp_path: Path) -> None:
    folder = tmp_path / "drop"
    folder.mkdir()
    settings = load_settings(state_dir=tmp_path / "state", lake_dir=tmp_path / "lake")
    platform = Platform(settings.having(CommerceSettings, drop_folder=folder, kept_versions=2))
    for number in range(4):
        file = written(folder / f"{number}.csv", ACHATS, f"{number},9,2024-01-02,1.00,Mouse")
        os.utime(file, (0, 0))
        refresh.take_in_drop_folder(platform)
        refresh.take_in_waiting(platform, None, refresh.no_session, "run")

    assert [one.number for one in lake_of(platform).silver.history()] == [3, 4]
    assert silver.rows(platform.settings, "quarantine").num_rows == 4


def test_a_drop_folder_that_is_not_set_or_not_there_is_a_sentence(
    own: Platform, tmp_path: Path
) -> None:
    away = own.settings.having(CommerceSettings, drop_folder=tmp_path / "away")

    with pytest.raises(UsageError, match="TXPLATFORM_COMMERCE_DROP_FOLDER"):
        refresh.take_in_drop_folder(own)
    with pytest.raises(UsageError, match="does not exist"):
        refresh.take_in_drop_folder(Platform(away))


def test_a_copy_that_differs_is_named(platform: Platform, files: list[Path]) -> None:
    refresh.ingest(platform, files, "clients_achats")
    computed(platform)
    lake = lake_of(platform)
    published = refresh.Published(lake, lake.gold.current())
    refresh.copy_to_mongo(platform)

    [difference, *_] = copies.differences(platform.database, platform.engine, published)
    assert "0 rows and 0.00 in PostgreSQL" in difference

    refresh.copy_to_postgres(platform)
    assert list(copies.differences(platform.database, platform.engine, published)) == []


def test_a_run_measures_how_long_its_tables_take_to_be_seen(
    platform: Platform, files: list[Path]
) -> None:
    refresh.ingest(platform, files, "clients_achats")
    computed(platform, run_id="first")
    refresh.copy_to_mongo(platform)
    computed(platform, run_id="second")
    refresh.copy_to_mongo(platform)
    made = lake_of(platform).gold.current()

    with platform.engine.connect() as connection:
        rows = connection.execute(tables.refreshes.select()).mappings().all()
    shown = {(row["table_name"], row["run_id"]): row for row in rows}
    months = shown["sales_month", "second"]

    assert {run for _, run in shown} == {"first", "second"}
    assert {name for name, run in shown if run == "second"} == set(made.tables)
    assert (months["version"], months["row_count"]) == (2, 2)
    assert months["written_at"].isoformat() == made.written_at
    assert all(0 < row["publish_seconds"] < 60 and row["seconds"] > 0 for row in rows)
    listed = listing(platform.database, "refreshes", Wanted(1_000, 0)).rows.to_pylist()
    assert len(listed) == len(rows)
    assert {row["publish_seconds"] for row in listed} == {row["publish_seconds"] for row in rows}


def test_collections_are_replaced_and_never_half(platform: Platform) -> None:
    database = platform.database
    rows = pa.Table.from_pylist(
        [{"customer_id": "a", "recency_days": 1, "status": "active"}],
    )
    copies.to_mongo(database, {"activity": rows}, "first")
    doubled = pa.concat_tables([rows, rows])

    with pytest.raises(Exception, match="duplicate key"):
        copies.to_mongo(database, {"activity": doubled}, "second")

    assert [found["run_id"] for found in database["gold_activity"].find()] == ["first"]
    copies.to_mongo(database, {"activity": rows}, "third")
    assert [found["run_id"] for found in database["gold_activity"].find()] == ["third"]
    assert "gold_activity_next" not in database.list_collection_names()


def test_postgresql_keeps_its_rows_where_a_copy_fails(platform: Platform) -> None:
    names = [column.name for column in tables.GOLD["activity"].columns]
    good = pa.Table.from_pylist([dict(zip(names, ("a", 1, "active"), strict=True))])
    copies.to_postgres(platform.engine, {"activity": good})

    with pytest.raises(Exception, match="duplicate key"):
        copies.to_postgres(platform.engine, {"activity": pa.concat_tables([good, good])})

    with platform.engine.connect() as connection:
        assert connection.execute(tables.GOLD["activity"].select()).all() == [("a", 1, "active")]


def test_a_whole_shop_in_an_s3_of_its_own(files: list[Path], tmp_path: Path) -> None:
    with running_s3(tmp_path) as server:
        own = Platform(server.settings)
        refresh.ingest(own, files, None)
        computed(own)
        lake = lake_of(own)

        assert lake.store.address == "s3://lake"
        assert lake.gold_table("kpis")["net_amount"].to_pylist() == [Decimal("16.00")]
        assert lake.store.names("gold/_manifests") == ["gold/_manifests/000000000001.json"]

    with pytest.raises(ServerError, match="The lake at s3://lake does not answer"):
        lake.gold.current()


def test_with_a_key_no_name_reaches_gold(files: list[Path], tmp_path: Path) -> None:
    settings = load_settings(state_dir=tmp_path / "state", lake_dir=tmp_path / "lake")
    own = Platform(settings.having(CommerceSettings, people_key="a key of ours"))
    refresh.ingest(own, files, None)
    computed(own)

    clients = refresh.published_table(own, "clients")
    names, emails = clients["name"].to_pylist(), clients["email"].to_pylist()

    assert clients["customer_id"].to_pylist() == ["1", "2"]
    assert all(len(text) == 64 for text in (*names, *emails))
    assert len({*names, *emails}) == 4


def test_a_lake_that_is_away_is_told_with_its_setting(files: list[Path], tmp_path: Path) -> None:
    settings = load_settings(
        state_dir=tmp_path / "state",
        lake_url="s3://shop/lake",
        lake_endpoint="http://127.0.0.1:9",
        lake_key="key",
        lake_secret="secret",
    )

    with pytest.raises(ServerError, match="does not answer: check TXPLATFORM_LAKE_ENDPOINT"):
        refresh.ingest(Platform(settings), files, None)


def test_a_file_that_is_taken_back_makes_gold_stale(own: Platform, files: list[Path]) -> None:
    refresh.ingest(own, files, None)
    computed(own)
    books = silver.files(own.settings).to_pylist()
    (content,) = (book["content"] for book in books if book["kind"] == "customers")

    with pytest.raises(UsageError, match="--why"):
        refresh.withdraw(own, content, " ")
    refresh.withdraw(own, content, "another shop's")

    assert freshness.summary(own).stale == 1
    assert set(silver.rows(own.settings, "quarantine")["rule"].to_pylist()) == {"ORPHAN"}
    with pytest.raises(PlatformError, match="There are no sales yet"):
        computed(own)
    assert lake_of(own).gold.current().number == 1
