"""The ways to fill the weekly table, each as its users would write it: ours and the rivals.

Every one takes the same documents and must leave the contract's columns in PostgreSQL. `prepare`
is what a running service has behind it (imports, a session); what `run` does is timed.
"""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import make_url

from rivals import connector, documents, ours, windows
from txplatform.errors import UsageError
from txplatform.platform import Platform

JARS = Path(__file__).parents[1] / "jars"
ANY = 10**9
NOTHING: Callable[[Platform], Any] = lambda platform: None  # noqa: E731


class Rival(NamedTuple):
    """One way: what it is, up to which size it is worth waiting for, and how it is done."""

    title: str
    largest: int
    prepare: Callable[[Platform], Any]
    run: Callable[[Platform, Any], str]
    """Fills a table and returns its name."""
    repeated_to: int = ANY
    """Number of documents above which one round is enough."""


class MissingPartError(UsageError):
    """A rival whose parts are not on this machine."""


def registry(jars: Path = JARS, dlt_python: Path | None = None) -> dict[str, Rival]:
    """All ways by name.

    Args:
        jars: folder of the Spark connector's jars.
        dlt_python: the Python of an environment in which dlt is installed.
    """

    def with_connector(platform: Platform) -> Any:
        found = [str(jar) for jar in sorted(jars.glob("*.jar"))]
        if not any("mongo-spark-connector" in jar for jar in found):
            raise MissingPartError("its jars are not in benchmarks/jars")
        return connector.session(platform, found)

    def with_dlt(_: Platform) -> Any:
        if dlt_python is None:
            raise MissingPartError("no --dlt-python names an environment that has it")
        return dlt_python

    some, few = 2_500_000, 500_000
    return {
        "txplatform": Rival("txplatform, Spark warm", ANY, ours.session, ours.run),
        "cold": Rival("txplatform, Spark started in the run", ANY, NOTHING, ours.run_cold),
        "mongo": Rival(
            "txplatform, `TXPLATFORM_SPEND_ENGINE=mongo`", ANY, ours.without_spark, ours.run
        ),
        "group": Rival("mongod's bare `$group`: the floor", ANY, NOTHING, ours.bare_group),
        "windows": Rival("MongoDB `$setWindowFields`, COPY", ANY, NOTHING, windows.run),
        "connector": Rival("mongo-spark-connector 10.5.0", ANY, with_connector, connector.run),
        "sql": Rival("pymongo, COPY, SQL", some, NOTHING, documents.sql, few),
        "scan": Rival("whole collection into Spark", some, ours.session, documents.scan, few),
        "pandas": Rival("pandas", some, NOTHING, documents.pandas, few),
        "beginner": Rival(
            "beginner's `createDataFrame`", some, ours.session, documents.beginners_spark, few
        ),
        "dlt": Rival("dlt 1.31, SQL", few, with_dlt, _dlt, few),
    }


def _dlt(platform: Platform, python: Path) -> str:
    script = Path(__file__).with_name("dlt_copy.py")
    url = make_url(platform.endpoints.postgres_url).set(drivername="postgresql")
    addresses = f"{platform.endpoints.mongo_uri}\n{url.render_as_string(hide_password=False)}\n"
    command = [str(python), str(script), platform.database.name]
    subprocess.run(command, input=addresses, check=True, text=True, capture_output=True)
    return documents.tabulated(platform, "by_dlt_documents", "by_dlt_rows")
