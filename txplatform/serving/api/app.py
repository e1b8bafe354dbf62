"""The API: one app that mounts the router of every domain, guarded and documented."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pyarrow as pa
import uvicorn
from fastapi import FastAPI
from fastapi.routing import APIRoute
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from txplatform import __version__, domains
from txplatform.connectors import ports, postgres
from txplatform.errors import PlatformError, ServerError
from txplatform.platform import Platform
from txplatform.serving.access import Gate, require_servable
from txplatform.serving.api import operations, problems
from txplatform.serving.guards import Guard
from txplatform.settings.logins import Component

SECONDS = 20
MOST_CONNECTIONS = 500
DESCRIPTION = """\
What the domains of this platform know; each has its endpoints under its name.

Amounts are decimals in the one currency of their domain and travel as text (`"1420.00"`), shares
are fractions, changes are per cent, instants carry their zone. Lists come in pages: send
`next_cursor` as `cursor`; `total` counts all rows, or more match and `is_total_exact` is false.
They are JSON, CSV (`text/csv`) or Parquet (`application/vnd.apache.parquet`) by `Accept`. Errors
are `application/problem+json`.
"""


class _Gauges(Collector):
    """The domains' figures, asked for when Prometheus asks."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    def describe(self) -> Iterator[Metric]:
        """Nothing beforehand: registering must not ask a database."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        """The figures of now."""
        yield from self._periods()
        for module in domains.modules("api"):
            if hasattr(module, "gauges"):
                yield from module.gauges(self._platform)

    def _periods(self) -> Iterator[Metric]:
        labels = ["domain", "state"]
        periods = GaugeMetricFamily("txplatform_periods", "Periods by state.", labels=labels)
        for name, part in domains.by_name("freshness").items():
            found = part.summary(self._platform)
            for state in ("fresh", "stale", "missing"):
                periods.add_metric([domains.slug(name), state], getattr(found, state))
        yield periods


class _Api(FastAPI):
    """FastAPI with the schema of problems, to which every endpoint refers."""

    def openapi(self) -> dict[str, Any]:
        """The schema of all endpoints."""
        schema = super().openapi()
        schema["components"]["schemas"]["Problem"] = problems.Problem.model_json_schema()
        return schema


def build(platform: Platform, seconds: float = SECONDS) -> FastAPI:
    """The app over a platform's servers; no request takes longer than `seconds`."""
    app = _Api(
        title="txplatform",
        version=__version__,
        description=DESCRIPTION,
        docs_url=None,  # its page would load scripts from another site
        redoc_url=None,
        generate_unique_id_function=_name_of,
        responses=problems.documented(401, 403, 404, 405, 413, 422, 429, 503, 504),
    )
    deciding = platform.acting(Component.DECIDE).engine
    for engine in {platform.engine, deciding}:
        postgres.limit_statements(engine, seconds)
    app.state.platform = platform
    app.state.gate = Gate(deciding, platform.settings.local_user)
    app.state.registry = CollectorRegistry()
    app.state.registry.register(_Gauges(platform))
    statuses: dict[type[PlatformError], int] = {}
    for name, module in domains.by_name("api").items():
        mounted = domains.slug(name)
        app.include_router(module.router, prefix=f"/{mounted}", tags=[mounted])
        statuses |= getattr(module, "STATUSES", {})
    app.include_router(operations.router)
    problems.install(app, statuses)
    app.add_middleware(Guard, seconds=seconds, registry=app.state.registry)
    return app


def _name_of(route: APIRoute) -> str:
    """What generated clients call an endpoint: two domains may have one of the same name."""
    return "_".join([*map(str, route.tags), route.name]).replace("-", "_")


def warm_up(platform: Platform) -> None:
    """Do now what the first request would wait for: Arrow's first array imports pandas."""
    pa.array([0])
    with suppress(ServerError):  # what needs no MongoDB answers without it
        _ = platform.database


def require_port(host: str, port: int) -> None:
    """ServerError if the API cannot listen there."""
    try:
        ports.probe(host, port)
    except OSError as error:
        raise ServerError(
            f"The API cannot listen on port {port} of {host} ({error.strerror}): say another "
            "--port, or --host."
        ) from error


def serve(platform: Platform, host: str, port: int) -> None:
    """Serve until SIGINT or SIGTERM.

    Raises:
        UsageError: the address is not this machine's own and there are no tokens.
    """
    require_servable(platform.acting(Component.DECIDE).engine, host)
    warm_up(platform)
    uvicorn.run(
        build(platform),
        host=host,
        port=port,
        access_log=False,
        server_header=False,
        timeout_keep_alive=SECONDS,
        limit_concurrency=MOST_CONNECTIONS,
        log_level="warning",
    )
