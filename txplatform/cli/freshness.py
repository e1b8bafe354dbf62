"""`status` says how far each domain's results follow what arrived; `run --stale` lets them."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from txplatform import domains
from txplatform.cli.console import Json, out, print_json, table
from txplatform.cli.domains import ALL, Domain, parts
from txplatform.errors import PlatformError, UsageError

if TYPE_CHECKING:
    from txplatform.freshness import Freshness
    from txplatform.orchestration.runs import PeriodRun

HEADERS = ("domain", "fresh", "stale", "missing", "newest", "refreshed")


def status(domain: Domain = ALL, as_json: Json = False) -> None:
    """Show for each domain how many of its periods are fresh, stale or missing.

    `txplatform DOMAIN status` says it period by period.

    Example: txplatform status
    """
    from txplatform.platform import opened
    from txplatform.settings.logins import Component

    asked = parts("freshness", domain)
    with opened(Component.READ) as platform:
        found = {domains.slug(name): part.summary(platform) for name, part in asked.items()}
    if as_json:
        print_json([{"domain": name, **vars(one)} for name, one in found.items()])
        return
    table(HEADERS, [_line(name, one) for name, one in found.items()])
    shown = map(domains.slug, parts("demo"))
    for name in (name for name in shown if name in found and found[name].is_empty):
        out().print(f"Nothing of {name} has arrived; `txplatform demo --domain {name}` shows it.")
    if any(one.stale or one.missing for one in found.values()):
        out().print("Bring them up to date with `txplatform run --stale`.")


def _line(name: str, found: "Freshness") -> tuple[object, ...]:
    at = f"{found.refreshed_at:%Y-%m-%d %H:%M:%S}" if found.refreshed_at else "never"
    return (name, found.fresh, found.stale, found.missing, found.newest, at)


def run(
    is_stale: Annotated[
        bool, typer.Option("--stale", help="The periods that are stale or missing.")
    ] = False,
    domain: Domain = ALL,
    as_json: Json = False,
) -> None:
    """Compute what is stale or missing, in every domain or in one.

    `txplatform DOMAIN run` computes chosen periods, where a domain has it.

    Example: txplatform run --stale
    """
    if not is_stale:
        raise UsageError("Say --stale; chosen periods are computed by `txplatform DOMAIN run`.")
    wanted = [part for part in parts("commands", domain).values() if hasattr(part, "run_stale")]
    if any(getattr(part, "STARTS_SPARK", False) for part in wanted):
        from txplatform.embedded.connect import begin_spark
        from txplatform.settings import load_settings

        begin_spark(load_settings())  # before the next imports, which take as long as Java
    from txplatform.cli.session import session

    with session() as opened:
        done = [one for part in wanted for one in part.run_stale(opened)]
    tell(done, as_json, lambda one: f"{one.job} {one.sentence()}")


def tell(
    runs: "Sequence[PeriodRun]", as_json: bool, sentence: "Callable[[PeriodRun], str]"
) -> None:
    """Print what became of runs.

    Raises:
        PlatformError: one of them failed.
    """
    if as_json:
        print_json([_as_json(run) for run in runs])
    else:
        for run in runs:
            out().print(sentence(run))
        if not runs:
            out().print("Nothing to compute.")
    failures = [run for run in runs if run.failure]
    if failures:
        raise PlatformError(f"{len(failures)} of {len(runs)} runs failed: {failures[0].failure}")


def _as_json(run: "PeriodRun") -> dict[str, object]:
    return {name: value for name, value in run._asdict().items() if name != "step"}
