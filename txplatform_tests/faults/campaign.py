"""A campaign: a seed gives the plan, the plan's faults are played one after the other.

A fault's files and moments come from its own seed, so that one that breaks a promise is played
again alone. When exactly a process dies is up to the machine.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import Random
from tempfile import mkdtemp

import psutil
import psycopg2
from pymongo.errors import PyMongoError

from txplatform import embedded
from txplatform.airflow_dags.dagster_partitions.client import DagsterError
from txplatform.connectors import postgres
from txplatform.embedded.connect import keep_warm
from txplatform.errors import ServerError
from txplatform_tests.airflow_dags import airflow_3
from txplatform_tests.domains.spend.alert_rows import raise_alerts
from txplatform_tests.faults import (
    crowd,
    kinds,
    moments,
    orchestrated,
    promises,
    shop,
    stations,
    streaming,
)
from txplatform_tests.faults.accounts import MONDAYS
from txplatform_tests.faults.deciding import Api
from txplatform_tests.faults.installation import World
from txplatform_tests.faults.ledger import Outcome
from txplatform_tests.faults.play import Fault, Stage, play
from txplatform_tests.faults.services import Ground
from txplatform_tests.faults.watching import Reader

FAULTS_PER_AGE = 20
"""So many faults meet the same books; then all begins again with empty ones."""

NOT_OF_THE_PRODUCT = (
    DagsterError,
    OSError,
    psutil.Error,
    psycopg2.Error,
    PyMongoError,
    ServerError,
)
"""What ends a play because the campaign itself met the fault: nothing is said about a promise."""

TRIES = 4
ALERTS_OF_CASE = 2
TO_DECIDE = "alert_id | risk | case_id\n" + "\n".join(
    f"to decide {number} | 0.1 | case {number // ALERTS_OF_CASE}" for number in range(20)
)
Say = Callable[[str], object]
PLAYS: dict[str, Callable[[Stage, Fault], Outcome | None]] = {
    "runs of overlapping weeks": crowd.overlapping_runs,
    shop.KIND: shop.shop_killed,
    stations.KIND: stations.station_killed,
    "ingestion during computation": crowd.ingestion_during_computation,
    "kill -9 of the stream's job": streaming.job_killed,
    "PostgreSQL away for a minute": streaming.postgres_away,
    "kill -9 of a Spark worker": orchestrated.spark_worker_killed,
    "kill -9 of Dagster's run worker": orchestrated.run_worker_killed,
    "kill -9 of Dagster's daemon": orchestrated.daemon_killed,
    "kill -9 of an Airflow worker": orchestrated.airflow_worker_killed,
}


def plan(faults: int, seed: int) -> list[Fault]:
    """The faults of a campaign, in the order in which they are played."""
    random = Random(seed)  # noqa: S311 - repeatable, not secret
    drawn = random.choices(kinds.ALL, [kind.weight for kind in kinds.ALL], k=faults)
    drawn_faults = [
        Fault(f"{seed}:{number}", kind.name, random.choice(kind.moments))
        for number, kind in enumerate(drawn, 1)
    ]
    return sorted(drawn_faults, key=_needs)


def _needs(fault: Fault) -> int:
    """What needs little comes first, so that what is started late disturbs little."""
    needs = kinds.ORDER.index(kinds.BY_NAME[fault.kind].needs)
    return needs + (fault.moment == "alerting")


@contextmanager
def stage_of_own() -> Iterator[Stage]:
    """An installation with its reader and its API; everything is gone at the end."""
    world = World(Path(mkdtemp(prefix="txplatform-faults-")))
    try:
        keep_warm(world.settings)
        reader = Reader(world)
        reader.start()
        stage = Stage(world, reader, Api(world), Ground(world))
        try:
            yield stage
        finally:
            stage.ground.close()
            stage.api.stop()
            reader.stop()
    finally:
        world.close()


def fight(
    stage: Stage, faults: Sequence[Fault], say: Say, seconds: float = float("inf")
) -> Iterator[Outcome]:
    """Play faults until all are played or the time is over.

    Args:
        stage: where.
        faults: which.
        say: takes a line per fault.
        seconds: no fault begins later.
    """
    deadline = time.monotonic() + seconds
    for number, fault in enumerate(faults):
        if time.monotonic() > deadline:
            return
        if number % FAULTS_PER_AGE == 0:
            begin(stage, fault)
        try:
            outcome = attempt(stage, fault, say)
        except NOT_OF_THE_PRODUCT as error:
            say(f"{fault.seed} {fault.kind}: the play itself failed, all begins again: {error!r}")
            stage.world.must("up")
            begin(stage, fault)
            continue
        if outcome:
            say(sentence(outcome, number + 1, len(faults)))
            yield outcome
        if number % FAULTS_PER_AGE == FAULTS_PER_AGE - 1:
            yield from _computed_again(stage, fault)


def begin(stage: Stage, fault: Fault) -> None:
    """New books with one file in them, computed, and some alerts to decide on."""
    with stage.reader.looking_away():
        stage.world.begin_again()
    began = time.monotonic()
    stage.world.must(*stage.ingest(stage.new_file(fault, "-first")))
    moments.learn("ingesting", time.monotonic() - began)
    began = time.monotonic()
    stage.world.must("spend", "run", "--all", "--no-alerts")
    for moment in ("computing", "writing"):
        moments.learn(moment, time.monotonic() - began)
    engine = postgres.connect(embedded.endpoints(stage.world.settings).postgres_url)
    raise_alerts(engine, TO_DECIDE)
    engine.dispose()


def attempt(stage: Stage, fault: Fault, say: Say) -> Outcome | None:
    """Play a fault, anew if it came too late; what goes wrong with the play itself is a finding."""
    kind = kinds.BY_NAME[fault.kind]
    if missing := _missing(stage, kind):
        say(f"{fault.seed} {fault.kind}: not run, {missing}")
        return None
    try:
        for _ in range(TRIES):
            if outcome := _play(stage, fault, kind):
                return outcome
    except AssertionError as error:
        return Outcome(fault.seed, fault.kind, fault.moment, 0.0, (f"promise 5: {error}",))
    say(f"{fault.seed} {fault.kind}: not injected, everything was over before")
    return None


def _missing(stage: Stage, kind: kinds.Kind) -> str | None:
    """Why a kind cannot be played here."""
    if kind.needs == kinds.SMALL_DISK and not stage.world.is_disk_small:
        return "only root can make a small disk"
    if kind.needs == kinds.AIRFLOW and not airflow_3.HOME.is_dir():
        return "there is no environment with Airflow 3.3: `make test-airflow` builds it"
    return None


def _play(stage: Stage, fault: Fault, kind: kinds.Kind) -> Outcome | None:
    if kind.strike:
        return play(stage, fault, kind.strike, kind.variables, kind.most_strikes)
    return PLAYS[kind.name](stage, fault)


def _computed_again(stage: Stage, fault: Fault) -> Iterator[Outcome]:
    """Promise 3: computed again in another order and grouping, not even a stamp changes."""
    before = promises.weekly_rows(stage.world)
    random = Random(fault.seed)  # noqa: S311 - repeatable, not secret
    middle = random.randrange(1, len(MONDAYS))
    for part in (MONDAYS[middle:], MONDAYS[:middle], MONDAYS):
        weeks = ("--from", str(part[0]), "--to", str(part[-1]))
        stage.world.must("spend", "run", *weeks, "--no-alerts")
    if promises.weekly_rows(stage.world) != before:
        found = "promise 3: computing again changed rows"
        yield Outcome(fault.seed, fault.kind, fault.moment, 0.0, (found,))


def sentence(outcome: Outcome, number: int, of: int) -> str:
    """A fault in one line; a failure says how to play it again."""
    line = f"{number}/{of} {outcome.kind}, {outcome.moment}"
    if outcome.has_survived:
        return f"{line}: {outcome.strikes} survived, {outcome.seconds:.1f} s to recover"
    seed, _, one = outcome.seed.partition(":")
    again = f"again: make faults SEED={seed} ONLY={one}"
    return f"{line}: BROKEN\n    " + "\n    ".join((*outcome.broken, again))
