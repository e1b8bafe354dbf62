"""A process killed at any step leaves a whole lake, and the same command finishes the work."""

import signal
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from textwrap import dedent

import pytest

from txplatform.connectors.object_store import ObjectStore
from txplatform.domains.commerce.computation.engines import DuckDB
from txplatform.domains.commerce.publishing.lake import Lake
from txplatform.domains.commerce.publishing.snapshots import Layer
from txplatform_tests.domains.commerce.shops import Shop, written

ACHATS = "id_achat,id_client,date_achat,montant,produit"
CLIENTS = "id_client,nom,email,date_inscription,pays"

PROGRAM = """
import os, signal, sys
from pathlib import Path
from txplatform.connectors import object_store
from txplatform.domains.commerce.computation.engines import DuckDB
from txplatform_tests.domains.commerce.shops import new_shop

folder, step = Path(sys.argv[1]), int(sys.argv[2])
calls = 0

def killing(method):
    def call(self, *arguments, **options):
        global calls
        calls += 1
        if calls == step:
            os.kill(os.getpid(), signal.SIGKILL)
        return method(self, *arguments, **options)
    return call

for name in ("put", "put_table", "create"):
    method = getattr(object_store.ObjectStore, name)
    setattr(object_store.ObjectStore, name, killing(method))
shop = new_shop(folder, "clients_achats")
engine = DuckDB()
shop.take_in(engine, folder / "clients.csv", folder / "achats.csv")
made = shop.gold(engine)
named = {name: [shop.lake.gold.put(name, rows)] for name, rows in made.items()}
shop.lake.gold.commit(shop.lake.gold.current(), named, "run", {"as_of": "x"})
"""


def run(folder: Path, step: int) -> int:
    """Ingest and publish in a process of its own that is killed at a write."""
    done = subprocess.run(
        [sys.executable, "-c", dedent(PROGRAM), str(folder), str(step)],
        check=False,
        capture_output=True,
        cwd=Path(__file__).parents[3],
    )
    return done.returncode


def lake_in(folder: Path) -> Lake:
    """The lake that the process wrote."""
    store, cache = ObjectStore(str(folder / "lake")), folder / "cache"
    return Lake(store, Layer(store, "silver", cache), Layer(store, "gold", cache))


@pytest.mark.parametrize("step", [3, 9, 12, 20])
def test_a_killed_run_leaves_whole_layers(step: int, tmp_path: Path) -> None:
    written(tmp_path / "clients.csv", CLIENTS, "1,Ann,a@x.org,2024-01-01,France")
    written(tmp_path / "achats.csv", ACHATS, "1,1,2024-01-02,10.00,Mouse")

    assert run(tmp_path, step) == -signal.SIGKILL

    lake = lake_in(tmp_path)
    assert lake.gold.current().number == 0
    for name in ("lines", "customers"):
        rows = lake.silver_table(name)
        assert rows.num_rows == lake.silver.current().rows(name)

    shop, engine = Shop(lake, "clients_achats"), DuckDB()
    shop.take_in(engine, tmp_path / "clients.csv", tmp_path / "achats.csv")
    assert [str(row["amount"]) for row in shop.rows("lines")] == ["10.00"]
    assert shop.gold(engine)["kpis"]["net_amount"].to_pylist() == [Decimal("10.00")]
    assert sum(row["new_count"] for row in shop.rows("ingestions")) == 2
