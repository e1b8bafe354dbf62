"""The proxy forwards everything until a COPY is under way, and then nothing."""

import psycopg2
import pyarrow as pa
import pytest
from sqlalchemy import Engine, create_engine, make_url, text
from sqlalchemy.exc import DBAPIError

from txplatform.connectors import postgres
from txplatform_tests.faults.proxy import CuttingProxy

CREATE = text("CREATE TABLE copied (number integer)")


def through(proxy: CuttingProxy, postgres_url: str) -> Engine:
    """An engine whose connections go through the proxy."""
    return create_engine(make_url(postgres_url).set(port=proxy.port))


def copy_rows(engine: Engine) -> None:
    """COPY rows, more than one packet of them."""
    with engine.begin() as connection:
        postgres.copy(connection, "copied", pa.table({"number": list(range(50_000))}))


def test_a_copy_is_cut_in_the_middle_and_leaves_nothing(postgres_url: str) -> None:
    with CuttingProxy(make_url(postgres_url).port or 0) as proxy:
        engine = through(proxy, postgres_url)
        with engine.begin() as connection:
            connection.execute(CREATE)
        assert not proxy.has_cut.is_set()

        with pytest.raises((psycopg2.Error, DBAPIError), match="connection"):
            copy_rows(engine)

        assert proxy.has_cut.is_set()
        with engine.connect() as connection:
            assert connection.execute(text("SELECT count(*) FROM copied")).scalar_one() == 0
            connection.commit()
        engine.dispose()
