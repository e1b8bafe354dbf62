"""A command that is killed at a random moment of the time it usually takes."""

import signal
import time
from collections.abc import Mapping
from random import Random

from txplatform_tests.faults.play import Stage


def killed_at_random(
    stage: Stage,
    random: Random,
    typical: dict[str, float],
    arguments: tuple[str, ...],
    variables: Mapping[str, str],
    found: list[str],
) -> bool:
    """Start a command and kill it; whether it was still running.

    Args:
        stage: where it is played.
        random: chooses the moment.
        typical: seconds that each verb takes, corrected by every command that came to its end.
        arguments: domain, verb and the rest.
        variables: settings of the command.
        found: takes what the command said against the promises.
    """
    began = time.monotonic()
    one = stage.world.shell.start(*arguments, **variables)
    moment = began + random.uniform(0, typical[arguments[1]])
    while one.is_running and time.monotonic() < moment:
        time.sleep(0.005)
    is_in_time = one.is_running
    if is_in_time:
        one.send(signal.SIGKILL)
    ended = one.wait()
    if not is_in_time:
        typical[arguments[1]] = max(0.5, time.monotonic() - began)
    if complaint := ended.complaint:
        found.append(f"promise 5: {complaint}")
    return is_in_time
