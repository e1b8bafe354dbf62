"""The books of a small organisation: purchases put into MongoDB, weeks computed by real runs."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import dagster as dg
from sqlalchemy import text

from txplatform.definitions import build
from txplatform.domains.spend import tables
from txplatform.domains.spend.assets import tell_changes
from txplatform.domains.spend.queries.weekly_table import weekly_rows
from txplatform.domains.spend.sources import arrival
from txplatform.domains.spend.sources.report import IngestionReport
from txplatform.orchestration.io_managers import LakeIOManager
from txplatform.orchestration.runs import PeriodRun, run_periods
from txplatform.platform import Platform
from txplatform_tests.domains.spend.purchases import csv_lines, documents_of


@dataclass(frozen=True)
class Books:
    """An installation of the test's own, with the Dagster instance that its runs belong to."""

    platform: Platform
    instance: dg.DagsterInstance

    @cached_property
    def definitions(self) -> dg.Definitions:
        """The code location over this installation's servers."""
        resources = {"platform": self.platform, "lake": LakeIOManager(self.platform.lake)}
        return build(self.platform.settings, resources)

    @cached_property
    def job(self) -> dg.JobDefinition:
        """The weekly job."""
        return self.definitions.resolve_job_def("weekly_spend")

    def buy(self, purchases: str) -> None:
        """Put purchases into `transactions`, as an ingestion would."""
        self.platform.database[tables.TRANSACTIONS].insert_many(documents_of(purchases))

    def ingest(self, purchases: str, file: str) -> IngestionReport:
        """Take purchases in from a CSV file, and make known what that changed."""
        path = self.platform.lake.root.with_name(file)
        path.write_text("\n".join(csv_lines(purchases)), encoding="utf-8")
        report = arrival.take(self.platform, str(path), "generic")
        tell_changes(self.platform, self.instance)
        return report

    def forget(self, **matching: Any) -> None:
        """Remove purchases from `transactions`."""
        self.platform.database[tables.TRANSACTIONS].delete_many(matching)

    def run(self, first: str, last: str | None = None) -> PeriodRun:
        """Compute a week, or the weeks from `first` to `last` in one run."""
        return self._run(self.job, first, last)

    def alert(self, first: str, last: str | None = None) -> PeriodRun:
        """Find the alerts of a week, or of the weeks from `first` to `last` in one run."""
        return self._run(self.definitions.resolve_job_def("weekly_alerts"), first, last)

    def _run(self, job: dg.JobDefinition, first: str, last: str | None) -> PeriodRun:
        until = date.fromisoformat(last or first)
        return run_periods(job, self.instance, date.fromisoformat(first), until)

    def rows(self) -> list[dict[str, Any]]:
        """The rows of `weekly_transactions`, sorted by key, stamps included."""
        return [dict(row) for row in weekly_rows(self.platform.engine, None, None).to_pylist()]

    def select(self, query: str, **values: Any) -> list[dict[str, Any]]:
        """The rows of an SQL query."""
        with self.platform.engine.connect() as connection:
            return [dict(row) for row in connection.execute(text(query), values).mappings()]

    def materializations(self, asset: str) -> dict[str, dg.AssetMaterialization]:
        """The newest materialisation of each week of an asset."""
        records = self.instance.fetch_materializations(dg.AssetKey(asset), limit=1000).records
        found = [record.asset_materialization for record in reversed(records)]
        return {one.partition or "": one for one in found if one}


def without_stamps(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows without `computed_at` and `run_id`."""
    return [
        {name: value for name, value in row.items() if name not in ("computed_at", "run_id")}
        for row in rows
    ]
