"""A real Dagster for tests: webserver and daemon over embedded servers, with the laboratory."""

import csv
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from bson import Decimal128
from pymongo import MongoClient
from sqlalchemy import create_engine, text

from txplatform import embedded
from txplatform.airflow_dags.dagster_partitions import runs
from txplatform.airflow_dags.dagster_partitions.client import Dagster, DagsterUnreachable
from txplatform.airflow_dags.dagster_partitions.runs import Run
from txplatform.orchestration import instance
from txplatform.settings import Settings, child_environment
from txplatform_tests.airflow_dags.laboratory import Laboratory
from txplatform_tests.airflow_dags.processes import free_port, process, until
from txplatform_tests.architecture.source_tree import ROOT
from txplatform_tests.domains.spend.oracle import Purchase

START_SECONDS = 180
HEADER = (
    *("FISCAL_YEAR", "FISCAL_PERIOD", "DEPT_NAME", "DIV_NAME"),
    *("MERCHANT", "CAT_DESCR", "TRANS_DT", "MERCHANDISE_AMT"),
)
REPORT = """
mutation Report($asset: AssetKeyInput!, $weeks: [String!]!) {
  reportRunlessAssetEvents(eventParams: {
    eventType: ASSET_MATERIALIZATION, assetKey: $asset, partitionKeys: $weeks
  }) { __typename }
}"""


class DagsterServer(NamedTuple):
    """The webserver, what the tests ask of it, and the platform behind it."""

    client: Dagster
    environment: Mapping[str, str]
    drop_folder: Path
    shop_folder: Path
    laboratory: Laboratory
    postgres_url: str
    mongo_uri: str

    def runs_of(self, asset: str, week: str) -> list[Run]:
        """Runs of an asset for a week, newest first."""
        found = runs.with_tags(self.client, {runs.PARTITION: week})
        return [run for run in found if asset in run.assets]

    def drop(self, name: str, purchases: Sequence[Purchase]) -> None:
        """Put a file into the drop folder."""
        self.write(self.drop_folder / name, purchases)

    def write(self, path: Path, purchases: Sequence[Purchase]) -> None:
        """Write a file of purchases as the accounting system would."""
        with path.open("w", encoding="utf-8", newline="") as file:
            lines = csv.writer(file)
            lines.writerow(HEADER)
            for one in purchases:
                amount = Decimal(one.cents).scaleb(-2)
                names = (one.department, one.division, "ACME", "TOOLS")
                lines.writerow([one.day.year, 1, *names, f"{one.day:%m/%d/%Y}", amount])

    def report(self, asset: str, week: str) -> None:
        """What the button "Report materialization" does for a week."""
        self.client.query(REPORT, asset={"path": [asset]}, weeks=[week])

    def txplatform(self, *arguments: str) -> str:
        """What a command of the platform prints."""
        done = subprocess.run(
            [Path(sys.executable).parent / "txplatform", *arguments],
            env=dict(self.environment),
            cwd=self.drop_folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """What PostgreSQL answers."""
        engine = create_engine(self.postgres_url)
        with engine.connect() as connection:
            rows = [tuple(row) for row in connection.execute(text(statement))]
        engine.dispose()
        return rows

    def table(self, weeks: Sequence[str]) -> list[tuple[str, str, str]]:
        """Week, total and total of the week before, as `weekly_transactions` has them."""
        rows = self.rows(
            "SELECT week_start, total_amount, department_previous_amount FROM weekly_transactions"
            " ORDER BY week_start, division"
        )
        return [
            (str(week), str(total), str(before))
            for week, total, before in rows
            if str(week) in weeks
        ]

    def exported(self, weeks: Sequence[str], file: Path) -> list[dict[str, str]]:
        """Every cell of consecutive weeks as a controller gets them."""
        span = ("--from", weeks[0], "--to", weeks[-1])
        self.txplatform("spend", "export", "weekly-transactions", *span, "-o", str(file))
        with file.open(encoding="utf-8-sig", newline="") as lines:
            return list(csv.DictReader(lines))

    @contextmanager
    def poisoned(self, week: str) -> Iterator[None]:
        """A purchase of a week whose amount is no number, as only a careless hand can write it."""
        day = datetime.fromisoformat(week)
        document = {
            "_id": "poison",
            "transaction_date": day,
            "amount": Decimal128("NaN"),
            "department": "HIGHWAYS",
            "division": "ROADS",
        }
        with MongoClient[dict[str, Any]](self.mongo_uri) as client:
            collection = client["txplatform"]["transactions"]
            collection.insert_one(document)
            try:
                yield
            finally:
                collection.delete_one({"_id": "poison"})


@contextmanager
def dagster_server(settings: Settings, folder: Path, stations_url: str) -> Iterator[DagsterServer]:
    """Webserver and daemon of the laboratory; everything is gone at the end."""
    drop_folder, shop_folder = folder / "drop", folder / "shop"
    drop_folder.mkdir()
    shop_folder.mkdir()
    port = free_port()
    with embedded.running(settings) as endpoints:
        environment = child_environment(
            **instance.environment(settings, endpoints),
            TXPLATFORM_SPEND_DROP_FOLDER=str(drop_folder),
            TXPLATFORM_SPEND_DROP_QUIET_SECONDS="0",
            TXPLATFORM_COMMERCE_DROP_FOLDER=str(shop_folder),
            TXPLATFORM_AIR_QUALITY_AIRQINO_URL=stations_url,
            TXPLATFORM_AIR_QUALITY_MINUTES_BETWEEN_FETCHES="0",
            TXPLATFORM_AIR_QUALITY_WAIT_SECONDS="[0.01]",
            PYTHONPATH=str(ROOT),
            # With it Dagster takes the first folder of the path for that of its script: not ours.
            PYTHONSAFEPATH="",
        )
        command = [sys.executable, "-m", "dagster", "dev", "-h", "127.0.0.1", "-p", str(port)]
        module = ["-m", "txplatform_tests.airflow_dags.laboratory"]
        with process([*command, *module], environment, folder / "dagster.log"):
            client = Dagster(f"http://127.0.0.1:{port}")
            until(lambda: _answers(client), START_SECONDS, "Dagster's webserver")
            yield DagsterServer(
                client,
                environment,
                drop_folder,
                shop_folder,
                Laboratory(settings.state / "laboratory"),
                endpoints.postgres_url,
                endpoints.mongo_uri,
            )


def _answers(client: Dagster) -> Any:
    try:
        return client.query("{ version }")
    except DagsterUnreachable:
        return None


def mondays(count: int, until_day: date) -> list[str]:
    """The Mondays of the `count` weeks that closed last before a day."""
    open_week = until_day - timedelta(days=until_day.weekday())
    return [str(open_week - timedelta(weeks=back)) for back in range(count, 0, -1)]
