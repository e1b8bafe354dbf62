"""`run` keeps the tables, `status` says how it does, `replay` computes everything anew."""

import time
from typing import TYPE_CHECKING, Annotated

import typer

from txplatform.cli.console import Json, err, out, print_json
from txplatform.errors import ServerError

if TYPE_CHECKING:
    from txplatform.cli.session import Session
    from txplatform.domains.clickstream.stream.job import Progress
    from txplatform.orchestration.runs import PeriodRun

TOLD_SECONDS = 10.0
UntilEmpty = Annotated[
    bool, typer.Option("--until-empty", help="End when every line that is there is processed.")
]
MustRun = Annotated[
    bool, typer.Option("--require-running", help="Exit code 1 unless the job runs.")
]


def run(is_until_empty: UntilEmpty = False) -> None:
    """Process the shop's events as they arrive, until Ctrl-C.

    Goes on where it stopped, however it stopped. One job per topic.

    Example: txplatform clickstream run --until-empty
    """
    from txplatform.domains.clickstream.sources.logs import log_of
    from txplatform.domains.clickstream.stream.job import job_of
    from txplatform.platform import opened
    from txplatform.settings.logins import Component

    with opened(Component.COMPUTE) as platform:
        platform.engine.dispose()  # it brought the schema to its newest version
        log = log_of(platform.settings)
        err().print(f"Processing {log.topic}; Ctrl-C stops, and the next start goes on.")
        teller = Teller()
        try:
            done = job_of(platform.settings, log).run(is_until_empty, on_beat=teller.tell)
        except KeyboardInterrupt:
            err().print("Stopped; nothing is lost.")
            return
    out().print(sentence(done))


def run_stale(opened: "Session") -> "list[PeriodRun]":
    """Seal the hours that changed since they were sealed, each in a run of its own."""
    from txplatform.domains.clickstream.checks import SEAL_JOB
    from txplatform.domains.clickstream.queries import sealing
    from txplatform.periods import HOUR

    hours = sealing.stale(opened.platform.engine)
    return opened.run(SEAL_JOB, "Sealing hours", hours, 1, HOUR)


class Teller:
    """Says how a job does, every ten seconds: while it waits for a server, that nothing moves."""

    def __init__(self) -> None:
        self._told = (0.0, -1)

    def tell(self, progress: "Progress") -> None:
        """Print a line if there is news."""
        at, rows = self._told
        is_news = progress.rows != rows or progress.lag or progress.waits_because
        if is_news and time.monotonic() - at > TOLD_SECONDS:
            self._told = (time.monotonic(), progress.rows)
            err().print(sentence(progress))
            if progress.waits_because:
                err().print(f"{progress.waits_because} The job waits; nothing is lost.")


def sentence(progress: "Progress") -> str:
    """How a job does, in a line."""
    return (
        f"{progress.rows:,} lines in {progress.batches:,} batches, {progress.late:,} late, "
        f"{progress.refused:,} refused; {progress.rows_per_second:,.0f} a second, "
        f"{progress.lag:,} to come."
    )


def status(as_json: Json = False, must_run: MustRun = False) -> None:
    """Show whether the job runs, how far it is behind, and where the lines went.

    Example: txplatform clickstream status --require-running
    """
    from txplatform.domains.clickstream.queries.status import status as status_of
    from txplatform.domains.clickstream.settings import ClickstreamSettings
    from txplatform.platform import opened
    from txplatform.settings.logins import Component

    with opened(Component.READ) as platform:
        topic = platform.settings.of(ClickstreamSettings).topic
        found = vars(status_of(platform.engine, topic))
    if as_json:
        print_json(found)
    else:
        for name, value in found.items():
            out().print(f"{name:<18}{'' if value is None else value}")
    if must_run and found["state"] != "running":
        raise ServerError(f"The job of {topic} does not run: start `txplatform clickstream run`.")


def replay() -> None:
    """Forget every result and compute all of them anew from the log; alerts come out the same.

    Example: txplatform clickstream replay
    """
    from txplatform.domains.clickstream.sources.logs import log_of
    from txplatform.domains.clickstream.stream import replaying
    from txplatform.domains.clickstream.stream.job import job_of
    from txplatform.platform import opened

    with opened() as platform:
        log = log_of(platform.settings)
        job = job_of(platform.settings, log)
        replaying.forget(platform.engine, job, log)
        out().print(sentence(job.run(is_until_empty=True, on_beat=Teller().tell)))
