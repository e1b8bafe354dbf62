"""Whether the judge of a shop's faults notices what it is there for."""

from pathlib import Path

import pyarrow as pa
import pytest

from txplatform.domains.commerce.publishing.lake import Lake, open_lake
from txplatform.settings import load_settings
from txplatform_tests.faults import campaign, kinds, shop

ROWS = pa.table({"line_id": ["1", "2", "3"]})


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """A lake of one table with three rows."""
    made = open_lake(load_settings(state_dir=tmp_path / "state", lake_url=str(tmp_path / "lake")))
    files = {"lines": [made.silver.put("lines", ROWS)]}
    made.silver.commit(made.silver.current(), files, "test", {})
    return made


def test_a_whole_version_is_no_half(lake: Lake) -> None:
    assert list(shop.halves(lake)) == []


def test_a_lake_without_a_version_is_no_half(tmp_path: Path) -> None:
    empty = open_lake(load_settings(state_dir=tmp_path / "state", lake_url=str(tmp_path / "lake")))

    assert list(shop.halves(empty)) == []


def test_half_a_version_is_noticed(lake: Lake) -> None:
    (file,) = lake.silver.current().files("lines")
    lake.store.put_table(file.name, ROWS.slice(0, 1))

    assert list(shop.halves(lake)) == ["promise 2: silver lines has 1 of 3 rows"]


def test_a_file_that_is_not_there_is_noticed(lake: Lake) -> None:
    (file,) = lake.silver.current().files("lines")
    lake.store.delete([file.name])

    (found,) = shop.halves(lake)

    assert found.startswith(f"promise 2: {file.name} in the lake is missing or damaged")


def test_the_campaign_plays_it() -> None:
    kind = kinds.BY_NAME[shop.KIND]

    assert campaign.PLAYS[kind.name] is shop.shop_killed
    assert kind.weight > 0
    assert kind.strike is None
