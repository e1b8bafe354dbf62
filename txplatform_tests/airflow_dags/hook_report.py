"""Prints, as JSON, what Airflow makes of connections and of the wheel. Airflow's Python runs it.

Standard input: `{"connections": {name: arguments of a Connection}}`.
"""

import json
import sys
from dataclasses import asdict

from airflow.providers_manager import ProvidersManager  # type: ignore[import-not-found]
from dagster_partitions.client import DagsterError  # type: ignore[import-not-found]
from dagster_partitions.compat import Connection  # type: ignore[import-not-found]
from dagster_partitions.hook import client_of  # type: ignore[import-not-found]


def described(arguments: dict[str, object]) -> dict[str, object]:
    """The client of a connection, or the sentence why there is none."""
    try:
        return asdict(client_of(Connection(conn_id="dagster_default", **arguments)))
    except DagsterError as error:
        return {"error": str(error)}


manager = ProvidersManager()
report = {
    "clients": {
        name: described(arguments)
        for name, arguments in json.load(sys.stdin)["connections"].items()
    },
    "links": [link for link in manager.extra_links_class_names if "dagster" in link],
    "hook": manager.hooks["dagster"].hook_name,
}
print(json.dumps(report))  # noqa: T201 - the answer of this program
