"""What Airflow learns when the wheel is installed: the connection type and the button."""

from typing import Any

PACKAGE = __package__


def info() -> dict[str, Any]:
    """The answer to the entry point `apache_airflow_provider`."""
    return {
        "package-name": "txplatform-airflow",
        "name": "Dagster partitions",
        "description": "Partitions of Dagster's assets as Airflow tasks.",
        "connection-types": [
            {"connection-type": "dagster", "hook-class-name": f"{PACKAGE}.hook.DagsterHook"}
        ],
        "extra-links": [f"{PACKAGE}.link.DagsterRunLink"],
    }
