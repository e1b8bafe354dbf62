"""The lake of one installation: its object store and its layers."""

from pathlib import Path
from typing import NamedTuple, Self

import pyarrow as pa

from txplatform import embedded
from txplatform.connectors.object_store import ObjectStore, S3Access
from txplatform.domains.commerce import tables
from txplatform.domains.commerce.publishing.snapshots import Layer, Manifest
from txplatform.domains.commerce.settings import CommerceSettings
from txplatform.domains.commerce.tables.arrow import schema_of
from txplatform.errors import PlatformError
from txplatform.settings import Settings
from txplatform.settings.logins import revealed


class Lake(NamedTuple):
    """Bronze objects, and the layers whose tables change together."""

    store: ObjectStore
    silver: Layer
    gold: Layer
    people_key: str | None = None
    """With which names and e-mails are hashed; None: they are kept."""

    @classmethod
    def of(cls, store: ObjectStore, cache: Path, people_key: str | None = None) -> Self:
        """The lake of a store, whose files lie in `cache` where engines cannot read the store."""
        return cls(store, Layer(store, "silver", cache), Layer(store, "gold", cache), people_key)

    def silver_table(self, name: str, columns: list[str] | None = None) -> pa.Table:
        """A table of silver as it stands, or some columns; without rows before an ingestion."""
        whole = schema_of(tables.SILVER[name])
        schema = pa.schema([whole.field(column) for column in columns or whole.names])
        rows = self.silver.read(self.silver.current(), name, columns)
        return schema.empty_table() if rows is None else rows.cast(schema)

    def gold_table(self, name: str, manifest: Manifest | None = None) -> pa.Table:
        """A table of gold as published.

        Raises:
            PlatformError: nothing was published yet, or the shop has no such table.
        """
        current = manifest or self.gold.current()
        rows = self.gold.read(current, name)
        if rows is None and current.number and name == "sales_hour":
            raise PlatformError("The files of this shop have no times: it has no sales_hour.")
        if rows is None:
            raise PlatformError(
                f"{name} was not computed yet: `txplatform commerce run` computes it."
            )
        return rows


def open_lake(settings: Settings) -> Lake:
    """The lake that the settings name.

    Raises:
        ServerError: it cannot be reached.
    """
    people_key = revealed(settings.of(CommerceSettings).people_key)
    store = ObjectStore(*_address(settings))
    return Lake.of(store, settings.state / "commerce-cache", people_key)


def _address(settings: Settings) -> tuple[str, S3Access]:
    if settings.is_lake_embedded:
        return embedded.lake(settings)
    key, secret = revealed(settings.lake_key), revealed(settings.lake_secret)
    access = S3Access(settings.lake_endpoint, key, secret, settings.lake_region)
    return settings.lake_url or str(settings.lake / "commerce"), access
