"""Several commands at once: runs of overlapping weeks, an ingestion while weeks are computed."""

import time
from collections.abc import Sequence
from random import Random

from txplatform_tests.faults import promises
from txplatform_tests.faults.accounts import MONDAYS
from txplatform_tests.faults.forked import Ended
from txplatform_tests.faults.ledger import Outcome
from txplatform_tests.faults.play import STALE, Fault, Stage, recover


def overlapping_runs(stage: Stage, fault: Fault) -> Outcome:
    """Two to four runs whose weeks overlap; every one of them ends well."""
    random = Random(fault.seed)  # noqa: S311 - repeatable, not secret
    stage.world.must(*stage.ingest(stage.new_file(fault)))
    starts = []
    for _ in range(random.randint(2, 4)):
        first, last = sorted(random.sample(MONDAYS, 2))
        starts.append(("spend", "run", "--from", str(first), "--to", str(last), "--no-alerts"))
    failed = [one for one in _together(stage, starts, random) if one.code != 0]
    return _finish(stage, fault, [f"a run failed: {one.err[-500:]}" for one in failed])


def ingestion_during_computation(stage: Stage, fault: Fault) -> Outcome:
    """Files arrive while stale weeks are computed: a run is whole, or says that it is not."""
    random = Random(fault.seed)  # noqa: S311 - repeatable, not secret
    stage.world.must(*stage.ingest(stage.new_file(fault)))
    late = stage.new_file(fault, "-late")
    ended = _together(stage, [STALE, stage.ingest(late)], random)
    complaints = [complaint for one in ended if (complaint := one.complaint)]
    return _finish(stage, fault, complaints, stage.ingest(late))


def _together(stage: Stage, starts: Sequence[tuple[str, ...]], random: Random) -> list[Ended]:
    running = []
    for arguments in starts:
        running.append(stage.world.shell.start(*arguments))
        time.sleep(random.uniform(0, 0.5))
    return [command.wait() for command in running]


def _finish(
    stage: Stage, fault: Fault, found: list[str], arguments: tuple[str, ...] = ()
) -> Outcome:
    began = time.monotonic()
    recover(stage.world, arguments, "ingesting")
    seconds = time.monotonic() - began
    found += promises.broken(stage.world, has_alerts=False)
    found += stage.reader.take_broken()
    return Outcome(fault.seed, fault.kind, fault.moment, round(seconds, 1), tuple(found))
