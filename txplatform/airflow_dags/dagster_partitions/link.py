"""The button on a task that opens its run in Dagster's UI."""

from typing import Any

from .compat import BaseOperator, BaseOperatorLink, XCom

KEY = "dagster_run"
"""XCom that holds the address; it is there as soon as the run is."""


class DagsterRunLink(BaseOperatorLink):
    """Opens the run that the task has started, or to which it has attached itself."""

    name = "Dagster run"
    xcom_key = KEY

    def get_link(self, operator: BaseOperator, *, ti_key: Any) -> str:  # noqa: ARG002
        """The address of the run; empty before there is one."""
        return XCom.get_value(ti_key=ti_key, key=KEY) or ""
