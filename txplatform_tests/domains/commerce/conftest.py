"""Fixtures of commerce: an engine, and an empty shop of each layout."""

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from shutil import copytree

import pyarrow as pa
import pytest

from txplatform.domains.commerce.computation.engines import DuckDB
from txplatform_tests.domains.commerce.shops import Shop, new_shop, published, written

PublishedGold = Callable[[str], dict[str, pa.Table]]


@pytest.fixture(scope="session")
def duck() -> Iterator[DuckDB]:
    """DuckDB in this process."""
    engine = DuckDB()
    yield engine
    engine.close()


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """A shop with customers and purchases, neither of which has come yet."""
    return new_shop(tmp_path, "clients_achats")


@pytest.fixture(scope="session")
def shop_of_ann(tmp_path_factory: pytest.TempPathFactory, duck: DuckDB) -> Path:
    """The folder of a shop that knows Ann of France, customer 1."""
    folder = tmp_path_factory.mktemp("ann")
    clients = "id_client,nom,email,date_inscription,pays", "1,Ann,ann@x.org,2024-01-01,France"
    new_shop(folder, "clients_achats").take_in(duck, written(folder / "clients.csv", *clients))
    return folder


@pytest.fixture
def ready(shop: Shop, shop_of_ann: Path, tmp_path: Path) -> Shop:
    """A shop of the test's own that knows Ann: copied, which is quicker than reading her in."""
    copytree(shop_of_ann / "lake", tmp_path / "lake", dirs_exist_ok=True)
    return shop


@pytest.fixture
def retail(tmp_path: Path) -> Shop:
    """A shop of invoices, of which none has come yet."""
    return new_shop(tmp_path, "online_retail")


@pytest.fixture(scope="session")
def published_shop(
    shared_data: Path, tmp_path_factory: pytest.TempPathFactory, duck: DuckDB
) -> Callable[[str], Shop]:
    """The published shops, each taken in when it is first asked for."""
    taken: dict[str, Shop] = {}

    def shop_of(name: str) -> Shop:
        if name not in taken:
            taken[name] = new_shop(tmp_path_factory.mktemp(name), name)
            taken[name].take_in(duck, *published(shared_data, name))
        return taken[name]

    return shop_of


@pytest.fixture(scope="session")
def published_gold(published_shop: Callable[[str], Shop], duck: DuckDB) -> PublishedGold:
    """Gold of the published shops, computed by DuckDB when it is first asked for."""
    return cache(lambda name: published_shop(name).gold(duck))
