"""When tables were written: their age, and, which is another thing, how long publishing took."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from txplatform.domains.commerce.publishing.lake import open_lake
from txplatform.domains.commerce.publishing.snapshots import Layer, Manifest
from txplatform.domains.commerce.queries.lists import NOTHING_YET, every, require_table
from txplatform.errors import PlatformError
from txplatform.platform import Platform

LINES = "lines"


def currency(platform: Platform) -> str | None:
    """In which the shop's amounts are; None before anything was computed."""
    return open_lake(platform.settings).gold.current().facts.get("currency")


def refresh_time(platform: Platform, name: str) -> dict[str, Any]:
    """When a table was written, and how old that is.

    Raises:
        UsageError: there is no such table.
        PlatformError: nothing was computed yet.
    """
    if name == LINES:
        return _age(_current(open_lake(platform.settings).silver), name, {})
    require_table(name)
    manifest = _current(open_lake(platform.settings).gold)
    return _age(manifest, name, _measured(platform, manifest))


def last_refresh(platform: Platform) -> list[dict[str, Any]]:
    """The same of every table.

    Raises:
        PlatformError: nothing was computed yet.
    """
    manifest = _current(open_lake(platform.settings).gold)
    measured = _measured(platform, manifest)
    return [_age(manifest, name, measured) for name in sorted(manifest.tables)]


def _measured(platform: Platform, manifest: Manifest) -> dict[str, dict[str, Any]]:
    """What the run noted of each table while it was published."""
    found = every(platform.database, "refreshes", {"run_id": manifest.run_id})
    return {row["table_name"]: row for row in found.to_pylist()}


def _current(layer: Layer) -> Manifest:
    manifest = layer.current()
    if not manifest.number:
        raise PlatformError(NOTHING_YET)
    return manifest


def _age(manifest: Manifest, name: str, measured: Mapping[str, Any]) -> dict[str, Any]:
    written = datetime.fromisoformat(manifest.written_at)
    age = Decimal(str((datetime.now(UTC) - written).total_seconds()))
    return {
        "table": name,
        "run_id": manifest.run_id,
        "row_count": manifest.rows(name),
        "written_at": written,
        "age_seconds": max(age, Decimal(0)),
        "publish_seconds": measured.get(name, {}).get("publish_seconds"),
    }
