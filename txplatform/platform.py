"""The servers and folders of one installation, opened when they are first used."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any

from pymongo.database import Database
from pymongo.read_preferences import make_read_preference, read_pref_mode_from_name
from sqlalchemy import Engine

from txplatform import domains, embedded, migrations
from txplatform.connectors import mongo, postgres
from txplatform.connectors.lake import Lake
from txplatform.embedded.processes import secret
from txplatform.settings import Settings, load_settings


class Platform:
    """Everything that a command or a Dagster run reads from and writes to."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    @cached_property
    def endpoints(self) -> embedded.Endpoints:
        """The servers' addresses: those of the settings, else those of the embedded servers."""
        return embedded.endpoints(self.settings)

    @cached_property
    def database(self) -> Database[Any]:
        """The platform's own MongoDB database, with every domain's indexes."""
        client = mongo.connect(self.endpoints.mongo_uri)
        database = mongo.durable(client[self.settings.mongo_database])
        for tables in domains.modules("tables"):
            mongo.ensure_indexes(database, tables.INDEXES)
        return database

    @cached_property
    def reading(self) -> Database[Any]:
        """The same database for the sums of a computation: from secondaries if the setting says so.

        What a secondary does not have yet is not lost: the week's fingerprint differs from that
        of the primary, so it stays stale.
        """
        mode = read_pref_mode_from_name(self.settings.mongo_read_preference)
        return self.database.with_options(read_preference=make_read_preference(mode, None))

    @cached_property
    def engine(self) -> Engine:
        """PostgreSQL, with the newest schema."""
        engine = postgres.connect(self.endpoints.postgres_url)
        migrations.upgrade(engine)
        return engine

    @property
    def card_key(self) -> bytes:
        """Key of the hash of card identities: the setting's, else one kept in the state folder."""
        configured = self.settings.card_key
        folder = self.settings.state / "secrets"
        return (configured.get_secret_value() if configured else secret(folder / "card")).encode()

    def close(self) -> None:
        """Close the connections that were opened."""
        if "database" in self.__dict__:
            self.database.client.close()
        if "engine" in self.__dict__:
            self.engine.dispose()

    @cached_property
    def lake(self) -> Lake:
        """The lake's Parquet files."""
        return Lake(self.settings.lake)


@contextmanager
def opened(**overrides: object) -> Iterator[Platform]:
    """The platform of the environment's settings, with its servers up.

    Embedded servers that this call starts are stopped at the end; those of `txplatform up` stay.
    """
    settings = load_settings(**overrides)
    with embedded.running(settings):
        platform = Platform(settings)
        try:
            yield platform
        finally:
            platform.close()
