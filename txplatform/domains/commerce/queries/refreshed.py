"""When tables were written: their age, which is never how long publishing takes."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from txplatform.domains.commerce.publishing.lake import open_lake
from txplatform.domains.commerce.publishing.snapshots import Layer, Manifest
from txplatform.domains.commerce.queries.lists import NOTHING_YET, require_table
from txplatform.errors import PlatformError
from txplatform.settings import Settings

LINES = "lines"


def refresh_time(settings: Settings, name: str) -> dict[str, Any]:
    """When a table was written, and how old that is.

    Raises:
        UsageError: there is no such table.
        PlatformError: nothing was computed yet.
    """
    if name == LINES:
        return _age(_current(open_lake(settings).silver), name)
    require_table(name)
    return _age(_current(open_lake(settings).gold), name)


def last_refresh(settings: Settings) -> list[dict[str, Any]]:
    """The same of every table.

    Raises:
        PlatformError: nothing was computed yet.
    """
    manifest = _current(open_lake(settings).gold)
    return [_age(manifest, name) for name in sorted(manifest.tables)]


def _current(layer: Layer) -> Manifest:
    manifest = layer.current()
    if not manifest.number:
        raise PlatformError(NOTHING_YET)
    return manifest


def _age(manifest: Manifest, name: str) -> dict[str, Any]:
    written = datetime.fromisoformat(manifest.written_at)
    age = Decimal(str((datetime.now(UTC) - written).total_seconds()))
    return {
        "table": name,
        "run_id": manifest.run_id,
        "row_count": manifest.rows(name),
        "written_at": written,
        "age_seconds": max(age, Decimal(0)),
    }
