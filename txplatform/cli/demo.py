"""`demo`: sample data through a whole domain on embedded servers, then dashboard and UI.

A domain brings its demo as a part of that name: `demo(opened, folder, stages)` takes sample data
from its source to its tables and returns a `Report`; `VARIABLES` are settings that it runs with;
`IS_DEFAULT` says that it is shown when nobody asks for another.
"""

import shlex
import sys
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from txplatform import domains
from txplatform.cli.console import Json, err, out, print_json
from txplatform.cli.domains import Domain, parts
from txplatform.errors import PlatformError

if TYPE_CHECKING:
    from txplatform.cli.session import Session
    from txplatform.platform import Platform

SAMPLE = "sample"
MACHINES_COMMANDS = ("status", "dashboard", "up --ui")


@dataclass
class Stages:
    """Seconds of each stage, in order."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time a stage; a terminal is told that it began."""
        with err().status(f"{name} ...") if err().is_terminal else nullcontext():
            started = time.monotonic()
            yield
            self.seconds[name] = time.monotonic() - started


@dataclass(frozen=True)
class Report:
    """What the demo of a domain did.

    Attributes:
        figures: what it counted, as JSON.
        lines: the same for people, by name.
        commands: what to look at next, such as `spend rejected`.
        failure: what is wrong with the figures, in a sentence.
        variables: further settings with which these commands find what the demo made.
    """

    figures: Mapping[str, Any]
    lines: Mapping[str, str]
    commands: Sequence[str] = ()
    failure: str | None = None
    variables: Mapping[str, str] = field(default_factory=dict)


Demo = Callable[["Session", Path, Stages], Report]

Serve = Annotated[
    bool | None, typer.Option("--serve/--no-serve", help="Serve dashboard and UI at the end.")
]
Port = Annotated[int, typer.Option(min=1, max=65_535, help="Port of the UI, or the next free one.")]


def demo(
    domain: Domain = "", is_served: Serve = None, port: Port = 3000, as_json: Json = False
) -> None:
    """Take sample data through a domain, from its source to its tables, and show them.

    Unset, the domain is the house's first; `all` shows every one on the same servers. They are
    servers of the demo's own, in `demo/sample` of the state folder.

    Example: txplatform demo
    """
    found = parts("demo", domain) if domain else default()
    play(SAMPLE, {name: part.demo for name, part in found.items()}, is_served, port, as_json)


def default() -> dict[str, Any]:
    """The demo that is shown when nobody asks for another."""
    found = parts("demo")
    return {name: part for name, part in found.items() if getattr(part, "IS_DEFAULT", False)}


def play(
    state: str, demos: Mapping[str, Demo], is_served: bool | None, port: int, as_json: bool
) -> None:
    """Run demos, by their domain's name, in a state folder of the demo's own, and report.

    Raises:
        PlatformError: a demo failed, or its figures do not agree.
    """
    folder = use_demo_state(state)
    commands = parts("commands")
    if any(getattr(commands.get(name), "STARTS_SPARK", False) for name in demos):
        from txplatform.embedded.connect import begin_spark
        from txplatform.settings import load_settings

        begin_spark(load_settings())  # before the next imports, which take as long as Java
    from txplatform.cli.session import session

    stages, reports = Stages(), {}
    with ExitStack() as stack:
        with stages.stage("servers"):
            opened = stack.enter_context(session())
        for name, run in demos.items():
            reports[name] = _timed(run(opened, folder, stages), stages)
            stages = Stages()
        if as_json:
            print_json({name: report.figures for name, report in reports.items()})
        else:
            show(reports, folder)
        for failure in filter(None, (report.failure for report in reports.values())):
            raise PlatformError(failure)
        if sys.stdout.isatty() if is_served is None else is_served:
            serve(opened.platform, port)


def _timed(report: Report, stages: Stages) -> Report:
    seconds = ", ".join(f"{name} {took:.1f}" for name, took in stages.seconds.items())
    figures = {**report.figures, "seconds": stages.seconds}
    return replace(report, figures=figures, lines={**report.lines, "seconds": seconds})


def use_demo_state(name: str) -> Path:
    """Choose a state folder of the demo's own and its embedded servers for this process.

    It touches no servers that the environment names.
    """
    from txplatform.connectors.private_files import private_folder
    from txplatform.embedded.failures import told_in_a_sentence
    from txplatform.settings import export, load_settings, no_servers
    from txplatform.settings.domain import declared

    folder = load_settings().state / "demo" / name
    with told_in_a_sentence(folder):
        private_folder(folder)
    kinds = declared(parts("settings").values())
    export(
        TXPLATFORM_STATE_DIR=str(folder),
        TXPLATFORM_LAKE="",
        TXPLATFORM_LAKE_DIR="",
        **no_servers(*kinds.values()),
        **variables(parts("demo")),  # the UI shows every domain
    )
    return folder


def variables(names: Collection[str]) -> dict[str, str]:
    """The settings that the demos of some domains run with."""
    given: dict[str, str] = {}
    for name, part in parts("demo").items():
        if name in names:
            given |= getattr(part, "VARIABLES", {})
    return given


def show(reports: Mapping[str, Report], folder: Path) -> None:
    """Print the reports on one screen, and what to look at next."""
    for name, report in reports.items():
        out().print(f"\n{domains.slug(name)}" if len(reports) > 1 else "")
        for title, value in report.lines.items():
            out().print(f"{title:<24}{value}")
    out().print("\nWhere to look next:")
    # With the demo's settings: without them the rules are others, and its alerts out of date.
    given = {"TXPLATFORM_STATE_DIR": str(folder), **variables(reports)}
    for report in reports.values():
        given |= report.variables
    where = " ".join(f"{name}={shlex.quote(value)}" for name, value in given.items())
    of_domains = [command for report in reports.values() for command in report.commands]
    for command in (*of_domains, *MACHINES_COMMANDS):
        out().print(f"  {where} txplatform {command}")


def serve(platform: "Platform", port: int) -> None:
    """Serve the dashboard and Dagster's UI until Ctrl-C."""
    from txplatform.orchestration import ui
    from txplatform.serving.dashboard import server as dashboard

    settings = platform.settings
    with dashboard.started(settings, dashboard.HOST, dashboard.PORT) as (_, address):
        out().print(f"Dashboard: {address}")
        ui.serve(settings, platform.endpoints, port, out().print)
