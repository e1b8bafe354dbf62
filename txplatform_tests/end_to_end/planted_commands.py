"""Commands one after another in one process, each as `txplatform` would run it; then an alarm.

`python -m txplatform_tests.end_to_end.planted_commands` takes them from standard input, as JSON.
"""

import json
import logging
import sys
import traceback

from txplatform.__main__ import main
from txplatform.cli.session import session
from txplatform.definitions import build
from txplatform.orchestration.alarms import Alarms


def run(arguments: list[str]) -> None:
    """Run one command; whatever ends it is said, a traceback too."""
    sys.argv = ["txplatform", *arguments]
    try:
        main()
    except SystemExit as end:
        sys.stderr.write(f"{arguments[0]} ended with {end.code}\n")
    except BaseException:  # noqa: BLE001 - what a user would see
        traceback.print_exc()


def run_job(name: str) -> None:
    """Run a job that fails, with all that Dagster logs and keeps of it; then raise the alarm."""
    with session() as opened:
        settings = opened.platform.settings
        job = build(settings, {"platform": opened.platform}).resolve_job_def(name)
        result = job.execute_in_process(instance=opened.instance, raise_on_error=False)
        sys.stderr.write(f"{name} succeeded: {result.success}\n")
        sentence = str([event.message for event in result.all_events])
        Alarms(settings).send(logging.getLogger("alarm"), name, sentence, "http://link")


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    for wanted in json.load(sys.stdin):
        run(wanted)
    run_job("ingest_sources")
