"""What whoever runs the API asks: is it alive, is it ready, how is it; and its tokens."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Annotated, Any

import prometheus_client
from fastapi import APIRouter, Path, Request, Response
from prometheus_client.core import GaugeMetricFamily, Metric
from pydantic import BaseModel, Field
from sqlalchemy import Engine, text

from txplatform import __version__, domains, migrations
from txplatform.freshness import Freshness
from txplatform.serving import tokens
from txplatform.serving.access import Admin, Reader
from txplatform.serving.api.answers import as_json, bounded_by, platform_of
from txplatform.serving.api.problems import documented, problem
from txplatform.serving.api.schemas import Limit, Name
from txplatform.serving.tokens import LONGEST_LIFE, LONGEST_NAME, Role
from txplatform.settings.logins import Component

router = APIRouter(tags=["operations"])
MOST_TOKENS = 1_000


class Health(BaseModel):
    """That the process answers."""

    status: str = Field(description="ok, or ready.", examples=["ok"])
    version: str = Field(description="Version of txplatform.", examples=["0.1.0"])


class DomainFreshness(BaseModel):
    """How far the results of a domain follow what arrived, counted in its periods."""

    domain: str = Field(description="Its name.", examples=["spend"])
    fresh: int = Field(description="Periods computed from what is there now.")
    stale: int = Field(description="Periods computed from something else than is there now.")
    missing: int = Field(description="Periods of which something arrived, and nothing computed.")
    newest: date | datetime | None = Field(description="Start of the last period computed.")
    refreshed_at: datetime | None = Field(description="When a result was last computed.")
    sentence: str = Field(description="The same for a person.")


class TokenLine(BaseModel):
    """A token without its secret."""

    token_id: str = Field(description="Names the token.")
    name: str = Field(description="Whom decisions made with it name.")
    role: Role = Field(description="What it lets its bearer do.")
    created_at: datetime = Field(description="When it was made.")
    expires_at: datetime | None = Field(description="Until when it is good; null: for ever.")
    revoked_at: datetime | None = Field(description="When it was revoked.")


class NewToken(TokenLine):
    """A token that was just made."""

    token: str = Field(description="Its text, shown this once and kept nowhere.")


class TokenRequest(BaseModel):
    """Which token to make."""

    name: Annotated[Name, Field(min_length=1, max_length=LONGEST_NAME)] = Field(
        description="Whom decisions made with it name.", examples=["Ada Lovelace"]
    )
    role: Role = Field(Role.READER, description="What it lets its bearer do.")
    days: int | None = Field(
        None, ge=1, le=LONGEST_LIFE.days, description="How long it is good; null: for ever."
    )


@router.get("/health", response_model=Health)
def health(request: Request) -> Response:
    """Whether the process answers; asks no database and no token."""
    return as_json(request, {"status": "ok", "version": __version__})


@router.get("/ready", response_model=Health, responses=documented(503))
def ready(request: Request) -> Response:
    """Whether PostgreSQL with the schema of this version and MongoDB answer."""
    platform = platform_of(request)
    with platform.engine.connect() as connection:
        connection.execute(text("SELECT 1"))
        schema = migrations.current(connection)
    platform.database.command("ping")
    if schema != migrations.newest():
        return problem(503, f"The schema is {schema}, not {migrations.newest()}: restart the API.")
    return as_json(request, {"status": "ready", "version": __version__})


@router.get(
    "/freshness",
    response_model=list[DomainFreshness],
    openapi_extra=bounded_by("a line per domain"),
)
def freshness(request: Request, _: Reader) -> Response:
    """How fresh each domain is."""
    platform = platform_of(request)
    found = {name: part.summary(platform) for name, part in domains.by_name("freshness").items()}
    return as_json(request, [_fresh(domains.slug(name), one) for name, one in found.items()])


def _fresh(name: str, found: Freshness) -> dict[str, Any]:
    return {"domain": name, **asdict(found), "sentence": found.sentence}


@router.get(
    "/metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
def metrics(request: Request, _: Reader) -> Response:
    """Requests, and the figures of each domain, for Prometheus."""
    content = prometheus_client.generate_latest(request.app.state.registry)
    return Response(content, media_type=prometheus_client.CONTENT_TYPE_LATEST)


def gauge_by(label: str, name: str, what: str, values: Mapping[str, float]) -> Metric:
    """A figure of a domain's `gauges`, with one value for each of a label's."""
    family = GaugeMetricFamily(name, what, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family


@router.get("/tokens", response_model=list[TokenLine])
def list_tokens(request: Request, _: Admin, limit: Limit = MOST_TOKENS) -> Response:
    """Tokens ever made, the newest first."""
    found = tokens.list_tokens(_engine(request), limit)
    return as_json(request, [token._asdict() for token in found])


@router.post("/tokens", status_code=201, response_model=NewToken)
def create_token(request: Request, _: Admin, wanted: TokenRequest) -> Response:
    """Make a token; its text is in the answer, this once."""
    life = timedelta(days=wanted.days) if wanted.days else None
    made, token = tokens.create(_engine(request), wanted.name, wanted.role, life)
    return as_json(request, {**token._asdict(), "token": made}, status=201)


@router.delete("/tokens/{token_id}", status_code=204)
def revoke_token(
    request: Request, _: Admin, token_id: Annotated[str, Path(pattern="^[0-9a-f]{8}$")]
) -> None:
    """Let nobody in with a token any more."""
    tokens.revoke(_engine(request), token_id)


def _engine(request: Request) -> Engine:
    """PostgreSQL for whoever knows tokens."""
    return platform_of(request).acting(Component.DECIDE).engine
