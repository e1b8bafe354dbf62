"""Running the jobs of commerce in this process, in Dagster's history like any other run."""

from datetime import date
from typing import TYPE_CHECKING

from txplatform.domains.commerce.definitions import JOB
from txplatform.domains.commerce.publishing.lake import open_lake
from txplatform.errors import PlatformError
from txplatform.orchestration.runs import QUIET, failure_of

if TYPE_CHECKING:
    from txplatform.cli.session import Session

CHOOSING = ("commerce__silver", "gold")
"""The steps that take an engine."""


def run_everything(opened: "Session", as_of: date | None, engine: str | None) -> str:
    """Run the whole job; what is current then.

    Raises:
        PlatformError: a step failed; its own sentence.
    """
    chosen = {"as_of": str(as_of) if as_of else None, "engine": str(engine) if engine else None}
    config = {name: value for name, value in chosen.items() if value}
    done = opened.job(JOB).execute_in_process(
        instance=opened.instance,
        run_config={**QUIET, "ops": {step: {"config": config} for step in CHOOSING}},
        raise_on_error=False,
    )
    if not done.success:
        raise PlatformError(failure_of(done))
    manifest = open_lake(opened.platform.settings).gold.current()
    return (
        f"Version {manifest.number} of {len(manifest.tables)} tables, as of "
        f"{manifest.facts['as_of']}: net amount {manifest.facts['net_amount']}."
    )
