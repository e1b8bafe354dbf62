"""A bucket that is full in truth: a sentence, and what was there stays as it was."""

import os
from pathlib import Path

import pytest

from txplatform.connectors.object_store import ObjectStore
from txplatform.domains.commerce.computation.engines import DuckDB
from txplatform.domains.commerce.publishing.lake import Lake
from txplatform.domains.commerce.publishing.snapshots import Layer
from txplatform.errors import ServerError
from txplatform_tests.domains.commerce.shops import Shop, written
from txplatform_tests.embedded.commands import running_s3

SMALL = ("-volume.max=3", "-master.volumeSizeLimitMB=2")
MEGABYTE, MOST = 1 << 20, 40


def fill(store: ObjectStore) -> None:
    """Put objects until the bucket takes no more."""
    for number in range(MOST):
        store.put(f"other/{number}", os.urandom(MEGABYTE))


def test_a_file_that_finds_the_bucket_full_changes_nothing(tmp_path: Path, duck: DuckDB) -> None:
    clients = "id_client,nom,email,date_inscription,pays"
    with running_s3(tmp_path / "server", *SMALL) as server:
        store = ObjectStore("s3://lake/shop", server.access())
        silver, gold = (Layer(store, name, tmp_path / "cache") for name in ("silver", "gold"))
        shop = Shop(Lake(store, silver, gold), "clients_achats")
        shop.take_in(duck, written(tmp_path / "a.csv", clients, "1,Ann,a@x.org,2024-01-01,Spain"))
        with pytest.raises(ServerError, match="whether it is full"):
            fill(store)
        with pytest.raises(ServerError, match="whether it is full"):
            shop.take_in(
                duck, written(tmp_path / "b.csv", clients, "2,Bo,b@x.org,2024-01-01,Italy")
            )

        assert [row["customer_id"] for row in shop.rows("customers")] == ["1"]
