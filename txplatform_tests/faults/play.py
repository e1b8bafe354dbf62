"""One fault: something is under way, the fault strikes, the documented commands finish the work."""

import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from hashlib import sha256
from random import Random
from typing import NamedTuple

from sqlalchemy import make_url

from txplatform import embedded
from txplatform_tests.faults import moments, promises
from txplatform_tests.faults.accounts import File, write_file
from txplatform_tests.faults.deciding import Api, Controller
from txplatform_tests.faults.forked import Command
from txplatform_tests.faults.installation import World
from txplatform_tests.faults.ledger import Outcome
from txplatform_tests.faults.proxy import CuttingProxy
from txplatform_tests.faults.services import Ground
from txplatform_tests.faults.strikes import Scene
from txplatform_tests.faults.watching import Reader

ROWS = (60, 250)
BARE_SHARE = 0.8
DECIDING_SECONDS = 20
STALE = ("spend", "run", "--stale", "--no-alerts")
STALE_WITH_ALERTS = ("spend", "run", "--stale")
COMMANDS: Mapping[str, tuple[str, ...]] = {
    "computing": STALE,
    "writing": STALE,
    "alerting": STALE_WITH_ALERTS,
}


class Fault(NamedTuple):
    """One fault of a campaign's plan."""

    seed: str
    kind: str
    moment: str


class Struck(NamedTuple):
    """Whether a fault struck a command in time, and whether that finished its work all the same."""

    has_struck: bool
    is_done: bool


@dataclass
class Stage:
    """Where faults are played."""

    world: World
    reader: Reader
    api: Api
    ground: Ground

    def new_file(self, fault: Fault, name: str = "") -> File:
        """A new purchase file, booked in the accounts; its name seeds its rows."""
        path = self.world.folder / f"{fault.seed.replace(':', '-')}{name}.csv"
        while path.exists():
            path = path.with_stem(f"{path.stem}-again")
        accounts = self.world.accounts
        random = Random(path.stem)  # noqa: S311 - repeatable, not secret
        file = write_file(accounts, random, path, random.randint(*ROWS))
        if fault.moment == "withdrawing" and not name.startswith("-first"):
            accounts.take_back(file)
        else:
            accounts.take(file)
        return file

    def ingest(self, file: File) -> tuple[str, ...]:
        """The command that takes a file in."""
        return ("spend", "ingest", str(file.path), "--layout", str(self.world.layouts[file.layout]))


def play(
    stage: Stage,
    fault: Fault,
    strike: Callable[[Scene], bool],
    variables: Mapping[str, str],
    most_strikes: int,
) -> Outcome | None:
    """Play a fault to its end; None if it came too late to break anything.

    It may strike several times: whoever gives the command again may be hit again.

    Args:
        stage: where.
        fault: which.
        strike: what breaks something; False if there was nothing left to break.
        variables: further settings of the command that is under way.
        most_strikes: how often it strikes at most.
    """
    random = Random(fault.seed)  # noqa: S311 - repeatable, not secret
    found: list[str] = []
    strikes = 0
    arguments = () if fault.moment == "deciding" else _prepare(stage, fault)
    for number in range(random.randint(1, most_strikes)):
        stage.world.must("up")
        if arguments:
            one = _while_running(stage.world, fault, arguments, strike, variables, found)
            strikes += one.has_struck
            if one.is_done:
                arguments = _prepare(stage, fault, f"-{number}")
        else:
            strikes += _while_deciding(stage, random, strike, found)
    began = time.monotonic()
    recover(stage.world, arguments, fault.moment)
    seconds = round(time.monotonic() - began, 1)
    found += promises.broken(stage.world, has_alerts=fault.moment == "alerting")
    found += stage.reader.take_broken()
    if not strikes and not found:
        return None
    return Outcome(fault.seed, fault.kind, fault.moment, seconds, tuple(found), strikes)


def recover(world: World, arguments: tuple[str, ...], moment: str) -> None:
    """What the manual says: start the servers, the same command again, then what is stale."""
    world.must("up")
    if arguments:
        world.must(*arguments)
    if moment in ("ingesting", "withdrawing"):
        world.must(*STALE)


def _prepare(stage: Stage, fault: Fault, name: str = "") -> tuple[str, ...]:
    """Bring about that there is something to do; the command that does it."""
    file = stage.new_file(fault, name)
    if fault.moment == "ingesting":
        return stage.ingest(file)
    stage.world.must(*stage.ingest(file))
    if fault.moment == "withdrawing":
        return ("spend", "withdraw", sha256(file.path.read_bytes()).hexdigest(), "--why", "a fault")
    return COMMANDS[fault.moment]


def _while_running(
    world: World,
    fault: Fault,
    arguments: tuple[str, ...],
    strike: Callable[[Scene], bool],
    variables: Mapping[str, str],
    found: list[str],
) -> Struck:
    """Let the fault strike while a command runs, and see how that takes it."""
    with ExitStack() as stack:
        proxy = None
        if fault.kind == "connection cut":
            proxy = stack.enter_context(_proxy(world))
            variables = {**variables, **_through(proxy, world)}
        victim = _start(world, fault, arguments, variables)
        random = Random(f"{fault.seed} {victim.pid}")  # noqa: S311 - as above
        scene = Scene(world, random, victim, lambda: not victim.is_running, proxy)
        is_time = proxy or moments.wait_for(fault.moment, world, random, scene.is_over)
        has_struck = bool(is_time) and strike(scene)
        try:
            ended = victim.wait()
        finally:
            for undo in scene.undo:
                undo()
    if complaint := ended.complaint:
        found.append(f"promise 5: {complaint}")
    return Struck(has_struck, ended.code == 0)


def _start(
    world: World, fault: Fault, arguments: tuple[str, ...], variables: Mapping[str, str]
) -> Command:
    """The command; for most weeks that are computed, only what it does to the databases."""
    is_bare = Random(f"{fault.seed} bare").random() < BARE_SHARE  # noqa: S311 - as above
    if arguments == STALE and is_bare and "TXPLATFORM_SPEND_ENGINE" not in variables:
        return world.shell.start_computing(**variables)
    return world.shell.start(*arguments, **variables)


def _proxy(world: World) -> CuttingProxy:
    return CuttingProxy(make_url(embedded.endpoints(world.settings).postgres_url).port or 0)


def _through(proxy: CuttingProxy, world: World) -> dict[str, str]:
    """Settings that lead to PostgreSQL through a proxy, and to Dagster's part of it directly."""
    addresses = embedded.endpoints(world.settings)
    url = make_url(addresses.postgres_url).set(port=proxy.port)
    return {
        "TXPLATFORM_POSTGRES_URL": url.render_as_string(hide_password=False),
        "TXPLATFORM_DAGSTER_POSTGRES_URL": addresses.dagster_postgres_url,
    }


def _while_deciding(
    stage: Stage, random: Random, strike: Callable[[Scene], bool], found: list[str]
) -> bool:
    server = stage.api.ensure()
    controller = Controller(stage.world, stage.api, random)
    given_up_at = time.monotonic() + DECIDING_SECONDS  # no decision asks MongoDB, for one
    scene = Scene(
        stage.world,
        random,
        server,
        lambda: not server.is_running or time.monotonic() > given_up_at,
    )
    controller.start()
    try:
        moments.wait_for("deciding", stage.world, random, scene.is_over)
        has_struck = strike(scene)
        time.sleep(0.3)
        for undo in scene.undo:
            undo()
    finally:
        controller.stop()
    found += [f"promise 5: {one}" for one in controller.complaints[:1]]
    return has_struck
