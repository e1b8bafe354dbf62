"""The servers and folders of one installation, opened when they are first used."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any

from pymongo.database import Database
from pymongo.read_preferences import make_read_preference, read_pref_mode_from_name
from sqlalchemy import Engine

from txplatform import domains, embedded, logins, migrations
from txplatform.connectors import mongo, postgres, server_errors
from txplatform.connectors.lake import Lake
from txplatform.settings import Settings, load_settings
from txplatform.settings.logins import Component


class Platform:
    """Everything that a command or a Dagster run reads from and writes to.

    It logs in as one part of the platform (None: as the owner of the databases, who alone changes
    their schema); `acting` gives the same installation to another part.
    """

    def __init__(
        self,
        settings: Settings,
        component: Component | None = None,
        parts: "dict[Component | None, Platform] | None" = None,
    ) -> None:
        self.settings = settings
        self.component = component
        self._parts = {} if parts is None else parts
        self._parts[component] = self

    def acting(self, component: Component | None) -> "Platform":
        """This installation with the logins of a part; the owner's where it has none of its own."""
        wanted = component if component and _has_logins(self.settings, component) else None
        if wanted not in self._parts:
            return Platform(self.settings, wanted, self._parts)
        return self._parts[wanted]

    @cached_property
    def endpoints(self) -> embedded.Endpoints:
        """The servers' addresses: those of the settings, else those of the embedded servers."""
        return embedded.endpoints(self.settings)

    @cached_property
    def database(self) -> Database[Any]:
        """The platform's own MongoDB database, with every domain's indexes."""
        if self.component and _has_owner(self.settings.mongo_uri, self.settings.is_mongo_embedded):
            with mongo.connect(embedded.mongo_uri(self.settings, None)) as client:
                self._prepare(client[self.settings.mongo_database])
        client = mongo.connect(embedded.mongo_uri(self.settings, self.component))
        database = mongo.durable(client[self.settings.mongo_database])
        if self.component is None:
            self._prepare(database)
        return database

    def _prepare(self, database: Database[Any]) -> None:
        """Make, as the owner, the indexes and the logins of an embedded server that are missing."""
        for tables in domains.modules("tables"):
            mongo.ensure_indexes(database, getattr(tables, "INDEXES", {}))
        if self.settings.is_mongo_embedded:
            logins.provide(database, self.settings.state / "secrets")

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
        has_owner = _has_owner(self.settings.postgres_url, self.settings.is_postgres_embedded)
        if self.component and has_owner:
            owner = postgres.connect(embedded.postgres_url(self.settings, None))
            migrations.upgrade(owner)
            owner.dispose()
        engine = postgres.connect(embedded.postgres_url(self.settings, self.component))
        try:
            if self.component is None:
                migrations.upgrade(engine)
            elif not has_owner:
                migrations.require_current(engine)
        except BaseException:
            engine.dispose()
            raise
        return engine

    def close(self) -> None:
        """Close the connections that were opened, those of other parts too."""
        for part in self._parts.values():
            if "database" in part.__dict__:
                part.database.client.close()
            if "engine" in part.__dict__:
                part.engine.dispose()

    @cached_property
    def lake(self) -> Lake:
        """The lake's Parquet files."""
        return Lake(self.settings.lake)


def _has_logins(settings: Settings, component: Component) -> bool:
    """Whether a part has logins of its own, on one server at least."""
    given = settings.own_mongo_uri(component) or settings.own_postgres_url(component)
    return bool(given) or (settings.is_mongo_embedded and settings.is_postgres_embedded)


def _has_owner(address: object, is_embedded: bool) -> bool:
    """Whether the owner's login is at hand."""
    return address is not None or is_embedded


@contextmanager
def opened(component: Component | None = None, **overrides: object) -> Iterator[Platform]:
    """The platform of the environment's settings as one part of it, with its servers up.

    Embedded servers that this call starts are stopped at the end; those of `txplatform up` stay.
    """
    settings = load_settings(**overrides)
    with embedded.running(settings):
        platform = Platform(settings).acting(component)
        try:
            with server_errors.told_in_a_sentence():
                yield platform
        finally:
            platform.close()
