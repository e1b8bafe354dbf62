"""Telling people that a task failed: one message to a web hook, without another provider.

Slack, Mattermost, Google Chat and Rocket.Chat take `{"text": ...}`.
"""

import logging
from collections.abc import Callable
from typing import Any

import requests

from .compat import BaseHook

Callback = Callable[[Any], None]
TIMEOUT_SECONDS = 10
LONGEST = 1_000
LOG = logging.getLogger(__name__)


def notification(connection_id: str | None) -> Callback | None:
    """What Airflow calls when a task has failed for good; None where nobody is to be told.

    Args:
        connection_id: an Airflow connection whose password (or else host) is the hook's address.
    """
    if connection_id is None:
        return None

    def tell(context: Any) -> None:
        """Post which task failed, of which run, and its sentence."""
        connection = BaseHook.get_connection(connection_id)
        post(connection.password or connection.host or "", sentence(context))

    return tell


def sentence(context: Any) -> str:
    """Which task of which run failed, and why."""
    ti = context["ti"]
    why = str(context.get("exception") or "it was stopped")[:LONGEST]
    return f"{ti.task_id} of {ti.dag_id} failed ({ti.run_id}): {why}"


def post(url: str, text: str) -> bool:
    """Send a message; whether it was taken. What cannot be told fails nothing, and is logged.

    The address is a secret, so that only the kind of the failure is named.
    """
    try:
        answer = requests.post(url, json={"text": text}, timeout=TIMEOUT_SECONDS)
    except requests.RequestException as error:
        LOG.warning("The notification could not be sent: %s.", type(error).__name__)
        return False
    if not answer.ok:
        LOG.warning("The notification was refused with status %s.", answer.status_code)
    return bool(answer.ok)
