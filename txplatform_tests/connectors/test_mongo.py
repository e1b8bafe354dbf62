"""MongoDB's client: errors in a sentence without secrets, durable writes, sums as Arrow."""

import socket
import subprocess
import sys
from typing import Any

import pyarrow as pa
import pytest
from bson.decimal128 import Decimal128
from pymongo.database import Database

from txplatform.connectors import mongo
from txplatform.embedded import Endpoints
from txplatform.errors import ServerError, SettingsError

SUMS = pa.schema([("department", pa.string()), ("amount", pa.string())])


@pytest.fixture
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def sums_of(department: str) -> list[dict[str, Any]]:
    return [
        {"$match": {"department": department}},
        {"$group": {"_id": "$department", "amount": {"$sum": "$amount"}}},
        {"$project": {"_id": 0, "department": "$_id", "amount": {"$toString": "$amount"}}},
    ]


def test_a_server_that_answers_is_connected(endpoints: Endpoints) -> None:
    with mongo.connect(endpoints.mongo_uri) as client:
        assert client.admin.command("ping")["ok"] == 1


def test_a_server_that_is_not_there_is_one_sentence(free_port: int) -> None:
    address = f"mongodb://user:MARKER@127.0.0.1:{free_port}/?serverSelectionTimeoutMS=200"

    with pytest.raises(ServerError, match="MongoDB does not answer") as refused:
        mongo.connect(address)

    assert f"127.0.0.1:{free_port}" in str(refused.value)
    assert "TXPLATFORM_MONGO_URI" in str(refused.value)
    assert "MARKER" not in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("option", "seconds"), [("", 5.0), ("&serverSelectionTimeoutMS=1500", 1.5)]
)
def test_an_address_says_how_long_its_server_is_waited_for(
    endpoints: Endpoints, option: str, seconds: float
) -> None:
    with mongo.connect(f"{endpoints.mongo_uri}{option}") as client:
        assert client.options.server_selection_timeout == seconds


def test_a_wrong_password_is_one_sentence(endpoints: Endpoints) -> None:
    scheme, rest = endpoints.mongo_uri.split("://")
    user, host = rest.split(":")[0], rest.split("@")[1]

    with pytest.raises(ServerError, match="refused the user or password") as refused:
        mongo.connect(f"{scheme}://{user}:MARKER@{host}")

    assert "MARKER" not in str(refused.value)


@pytest.mark.parametrize(
    "address",
    [
        "mongodb://",
        "mongodb://host:port/",
        "mongodb://host/?tls=yes",
        "mongodb://host/?tsl=true",
        "http://host/",
    ],
)
def test_what_is_no_address_names_the_setting(address: str) -> None:
    with pytest.raises(SettingsError, match="TXPLATFORM_MONGO_URI is not a MongoDB address"):
        mongo.connect(address)


def test_durable_writes_wait_for_the_journal(mongo_database: Database[Any]) -> None:
    concern = mongo.durable(mongo_database).write_concern

    assert concern.document == {"w": "majority", "j": True}


def test_indexes_are_made_once(mongo_database: Database[Any]) -> None:
    negative = {"amount": {"$lt": 0}}
    wanted = {"transactions": [(["transaction_date", "amount"], None), (["merchant"], negative)]}

    mongo.ensure_indexes(mongo_database, wanted)
    mongo.ensure_indexes(mongo_database, wanted)

    made = mongo_database["transactions"].index_information()
    assert {name: one.get("partialFilterExpression") for name, one in made.items()} == {
        "_id_": None,
        "transaction_date_1_amount_1": None,
        "merchant_1": negative,
    }


@pytest.fixture
def purchases(mongo_database: Database[Any]) -> Database[Any]:
    mongo_database["transactions"].insert_many(
        [
            {"department": "Roads", "amount": Decimal128("9999999999999999.99")},
            {"department": "Roads", "amount": Decimal128("-0.01")},
            {"department": "Parks", "amount": Decimal128("0.10")},
            {"department": "Parks", "amount": Decimal128("0.20")},
        ]
    )
    return mongo_database


def test_pipelines_come_back_as_one_table(purchases: Database[Any]) -> None:
    pipelines = [sums_of("Roads"), sums_of("Nowhere"), sums_of("Parks")]

    table = mongo.aggregate(purchases["transactions"], pipelines, SUMS, parallel=2)

    assert table.schema == SUMS
    assert table.to_pylist() == [
        {"department": "Roads", "amount": "9999999999999999.98"},
        {"department": "Parks", "amount": "0.30"},
    ]


def test_pipelines_without_any_document_give_an_empty_table_of_the_schema(
    purchases: Database[Any],
) -> None:
    table = mongo.aggregate(purchases["transactions"], [sums_of("Nowhere")], SUMS)

    assert (table.schema, table.num_rows) == (SUMS, 0)


def test_reading_arrow_loads_no_polars() -> None:
    """It takes a second, and starts a thread that the process which forks runs must not have."""
    script = "import sys; from txplatform.connectors import mongo; mongo.arrow_api(); "
    said = "print('polars' in sys.modules, mongo.arrow_api().Schema)"

    done = subprocess.run(
        [sys.executable, "-c", script + said], capture_output=True, text=True, check=True
    )

    assert done.stdout.startswith("False <class 'pymongoarrow.schema.Schema'>")
