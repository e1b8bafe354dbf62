"""The names that Airflow 3 and 2.11 both have, in different places."""

from importlib.util import find_spec
from typing import TYPE_CHECKING

IS_AIRFLOW_3 = find_spec("airflow.sdk") is not None

if TYPE_CHECKING or IS_AIRFLOW_3:
    from airflow.sdk import (
        DAG,
        BaseHook,
        BaseOperator,
        BaseOperatorLink,
        Connection,
        Context,
        CronDataIntervalTimetable,
        Param,
        Variable,
        task,
    )
    from airflow.sdk.exceptions import AirflowException, AirflowFailException
    from airflow.sdk.execution_time.xcom import XCom
else:
    from airflow.decorators import task
    from airflow.exceptions import AirflowException, AirflowFailException
    from airflow.hooks.base import BaseHook
    from airflow.models import (
        DAG,
        BaseOperator,
        BaseOperatorLink,
        Connection,
        Param,
        Variable,
        XCom,
    )
    from airflow.timetables.interval import CronDataIntervalTimetable
    from airflow.utils.context import Context

__all__ = [
    "DAG",
    "IS_AIRFLOW_3",
    "AirflowException",
    "AirflowFailException",
    "BaseHook",
    "BaseOperator",
    "BaseOperatorLink",
    "Connection",
    "Context",
    "CronDataIntervalTimetable",
    "Param",
    "Variable",
    "XCom",
    "task",
]
