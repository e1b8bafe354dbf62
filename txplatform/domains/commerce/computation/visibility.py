"""How long a run's tables take to be seen: measured by the run, at the reader's own question."""

import time
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from pymongo.database import Database

from txplatform.domains.commerce import tables
from txplatform.domains.commerce.publishing import copies
from txplatform.domains.commerce.publishing.snapshots import Manifest
from txplatform.domains.commerce.queries.lists import run_of
from txplatform.platform import Platform
from txplatform.settings.logins import Component

PATIENCE_SECONDS, ASK_SECONDS = 30.0, 0.005
DIGITS = Decimal("0.001")


class Watch:
    """Asks for each table, as the API does and with its login, until it is this run's."""

    def __init__(self, platform: Platform, manifest: Manifest) -> None:
        self._platform, self._manifest = platform, manifest
        self._reader: Database[Any] = platform.acting(Component.READ).database
        self._seconds: dict[str, Decimal | None] = {}

    def see(self, name: str) -> None:
        """Note how long after the end of the write a table's answer carries the run."""
        written = datetime.fromisoformat(self._manifest.written_at)
        has_rows, deadline = self._manifest.rows(name) > 0, time.monotonic() + PATIENCE_SECONDS
        while run_of(self._reader, name) != self._manifest.run_id and has_rows:
            if time.monotonic() > deadline:
                self._seconds[name] = None
                return
            time.sleep(ASK_SECONDS)
        took = (datetime.now(UTC) - written).total_seconds()
        self._seconds[name] = Decimal(took).quantize(DIGITS)

    def keep(self) -> None:
        """Write what was noted into the table `refreshes`."""
        made = self._manifest
        rows = [
            {
                "table_name": name,
                "run_id": made.run_id,
                "version": made.number,
                "row_count": made.rows(name),
                "written_at": datetime.fromisoformat(made.written_at),
                "seconds": Decimal(max(file.seconds for file in made.files(name))).quantize(DIGITS),
                "publish_seconds": seconds,
            }
            for name, seconds in self._seconds.items()
        ]
        copies.keep(self._platform.database, self._platform.engine, tables.refreshes, rows)
