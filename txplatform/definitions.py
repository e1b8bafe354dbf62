"""The one code location: every domain's definitions over the shared resources."""

from typing import Any

import dagster as dg

from txplatform import domains
from txplatform.orchestration import alarms
from txplatform.orchestration.resources import shared_resources
from txplatform.orchestration.retention import retention
from txplatform.settings import Settings, load_settings


def build(settings: Settings, resources: dict[str, Any] | None = None) -> dg.Definitions:
    """Assemble the code location; `resources` replace the shared ones by key."""
    parts = [module.build(settings) for module in domains.modules("definitions")]
    shared = dg.Definitions(
        resources={**shared_resources(settings), **(resources or {})},
        # One process per run: a JVM and its session serve all steps of it.
        executor=dg.in_process_executor,
        sensors=alarms.of_runs(settings),
    )
    return dg.Definitions.merge(*parts, shared, retention(settings))


@dg.definitions
def defs() -> dg.Definitions:
    """The code location of the environment's settings, built when Dagster loads it."""
    return build(load_settings())
