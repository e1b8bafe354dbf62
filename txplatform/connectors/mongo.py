"""MongoDB: connecting with a clear error, indexes, and sums that arrive as Arrow."""

import sys
import warnings
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any

import pyarrow as pa
from pymongo import ASCENDING, IndexModel, MongoClient, WriteConcern
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import ConfigurationError, InvalidURI, OperationFailure, PyMongoError
from pymongo.uri_parser import parse_uri

from txplatform.errors import ServerError, SettingsError

type_of_document = dict[str, Any]
OLDEST_VERSION = (6, 0)
CONNECT_MS = 5_000
TIMEOUTS = ("serverSelectionTimeoutMS", "connectTimeoutMS")
AUTHENTICATION_FAILED = 18


def connect(uri: str) -> MongoClient[type_of_document]:
    """Connect, and prove it with a ping.

    Raises:
        SettingsError: the address is malformed or the server older than MongoDB 6.
        ServerError: the server does not answer or refuses the password.
    """
    try:
        with warnings.catch_warnings():
            # A misspelt option (tls=yes) would be ignored with a warning, and TLS with it.
            warnings.simplefilter("error", UserWarning)
            own = parse_uri(uri)["options"]
            # An instant beyond year 9999 is no reason to read nothing.
            kept = {**patience(own), "datetime_conversion": "DATETIME_CLAMP"}
            client: MongoClient[type_of_document] = MongoClient(uri, **kept)
    except (InvalidURI, ConfigurationError, ValueError, UserWarning) as error:
        raise SettingsError(
            f"TXPLATFORM_MONGO_URI is not a MongoDB address{why_not(uri, error)}."
        ) from None
    try:
        _require_usable(client)
    except BaseException:
        client.close()
        raise
    return client


def patience(options: Mapping[str, Any]) -> dict[str, Any]:
    """How long to wait for a server, where the options of its address do not say so."""
    return {name: CONNECT_MS for name in TIMEOUTS if name not in options}


def why_not(uri: str, error: Exception) -> str:
    """What is wrong with an address; of one with a password nothing is quoted."""
    if "@" not in uri:
        return f": {error}"
    return ", or its password has characters such as @ : / that are written as %40 %3A %2F"


def _require_usable(client: MongoClient[type_of_document]) -> None:
    try:
        version = tuple(client.server_info()["versionArray"][:2])
        client.admin.command("ping")
    except PyMongoError as error:
        raise _unusable(error) from None
    if version < OLDEST_VERSION:
        found, wanted = (".".join(map(str, one)) for one in (version, OLDEST_VERSION))
        raise SettingsError(f"MongoDB {found} is too old: {wanted} or newer is needed.")


def _unusable(error: PyMongoError) -> ServerError:
    if isinstance(error, OperationFailure):
        if error.code == AUTHENTICATION_FAILED:
            return ServerError(
                "MongoDB refused the user or password: check those in TXPLATFORM_MONGO_URI."
            )
        return ServerError(f"MongoDB refused the connection: {error.details or error}.")
    first_cause = str(error).split(",", 1)[0]
    return ServerError(
        f"MongoDB does not answer ({first_cause}): check that it runs and TXPLATFORM_MONGO_URI."
    )


def durable(database: Database[type_of_document]) -> Database[type_of_document]:
    """The database with writes that return only once a majority has them in its journal."""
    return database.with_options(write_concern=WriteConcern(w="majority", j=True))


def ensure_indexes(
    database: Database[type_of_document],
    indexes: Mapping[str, Iterable[tuple[Sequence[str], type_of_document | None]]],
) -> None:
    """Create the indexes that are missing; those that exist cost nothing.

    Args:
        database: where the collections are.
        indexes: by collection, the fields of each index (ascending) and the documents that it
            holds, where not all.
    """
    for collection, wanted in indexes.items():
        models = [
            IndexModel(
                [(name, ASCENDING) for name in fields],
                **({"partialFilterExpression": only} if only else {}),
            )
            for fields, only in wanted
        ]
        database[collection].create_indexes(models)


def aggregate(
    collection: Collection[type_of_document],
    pipelines: Sequence[list[type_of_document]],
    schema: pa.Schema,
    parallel: int = 2,
    **options: Any,
) -> pa.Table:
    """Run pipelines side by side and return their documents as one table of `schema`.

    Memory grows with the documents that the pipelines return, not with those that they read.
    `options` are those of MongoDB's aggregate, such as `hint`.
    """
    api = arrow_api()

    fields = api.Schema({field.name: field.type for field in schema})

    def run(pipeline: list[type_of_document]) -> pa.Table:
        return api.aggregate_arrow_all(
            collection, pipeline, schema=fields, allowDiskUse=True, **options
        )

    with ThreadPoolExecutor(max_workers=parallel) as pool:
        return pa.concat_tables(list(pool.map(run, pipelines))).cast(schema)


@cache
def arrow_api() -> ModuleType:
    """pymongoarrow, which imports numpy and pandas: half a second that only readers pay.

    It would import polars too where that is installed: another second, and a thread that a fork
    would lose. We ask it for Arrow only.
    """
    hidden = "polars" not in sys.modules
    if hidden:
        vars(sys)["modules"]["polars"] = None  # Python's way to say that it is not there
    try:
        return import_module("pymongoarrow.api")
    finally:
        if hidden:
            del sys.modules["polars"]
