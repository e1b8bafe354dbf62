"""A process killed at any step leaves a whole lake, and the same command finishes the work."""

import signal
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from txplatform.connectors.object_store import ObjectStore
from txplatform.domains.commerce.computation.engines import DuckDB
from txplatform.domains.commerce.publishing.lake import Lake
from txplatform_tests.domains.commerce.shops import ACHATS, CLIENTS, Shop, written

STEPS = (3, 9, 12, 20)
"""The writes at which a process is killed."""

PROGRAM = """
import os, signal, sys
from pathlib import Path
from txplatform.connectors import object_store
from txplatform.domains.commerce.computation.engines import DuckDB
from txplatform_tests.domains.commerce.shops import new_shop

calls = 0

def killing(method, step):
    def call(self, *arguments, **options):
        global calls
        calls += 1
        if calls == step:
            os.kill(os.getpid(), signal.SIGKILL)
        return method(self, *arguments, **options)
    return call

def publish(folder, step):
    for name in ("put", "put_table", "create"):
        method = getattr(object_store.ObjectStore, name)
        setattr(object_store.ObjectStore, name, killing(method, step))
    shop = new_shop(folder, "clients_achats")
    engine = DuckDB()
    shop.take_in(engine, folder / "clients.csv", folder / "achats.csv")
    made = shop.gold(engine)
    named = {name: [shop.lake.gold.put(name, rows)] for name, rows in made.items()}
    shop.lake.gold.commit(shop.lake.gold.current(), named, "run", {"as_of": "x"})

for step in sys.argv[2:]:
    if (pid := os.fork()) == 0:
        publish(Path(sys.argv[1]) / step, int(step))
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
"""


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], Path]:
    """The folder of a process that ingested, published and was killed at a write.

    Each is a fork of one that has everything imported, which takes longer than its work.
    """
    folder = tmp_path_factory.mktemp("killed")
    for step in STEPS:
        (folder / str(step)).mkdir()
        written(folder / str(step) / "clients.csv", CLIENTS, "1,Ann,a@x.org,2024-01-01,France")
        written(folder / str(step) / "achats.csv", ACHATS, "1,1,2024-01-02,10.00,Mouse")
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(folder), *map(str, STEPS)],
        check=True,
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[3],
    )
    assert done.stdout.split() == [str(-signal.SIGKILL.value)] * len(STEPS), done.stderr
    return lambda step: folder / str(step)


def lake_in(folder: Path) -> Lake:
    """The lake that the process wrote."""
    return Lake.of(ObjectStore(str(folder / "lake")), folder / "cache")


@pytest.mark.parametrize("step", STEPS)
def test_a_killed_run_leaves_whole_layers(
    step: int, killed: Callable[[int], Path], duck: DuckDB
) -> None:
    folder = killed(step)
    lake = lake_in(folder)
    assert lake.gold.current().number == 0
    for name in ("lines", "customers"):
        rows = lake.silver_table(name)
        assert rows.num_rows == lake.silver.current().rows(name)

    shop = Shop(lake, "clients_achats")
    shop.take_in(duck, folder / "clients.csv", folder / "achats.csv")
    assert [str(row["amount"]) for row in shop.rows("lines")] == ["10.00"]
    assert shop.gold(duck)["kpis"]["net_amount"].to_pylist() == [Decimal("10.00")]
    assert sum(row["new_count"] for row in shop.rows("ingestions")) == 2
