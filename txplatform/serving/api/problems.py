"""Errors as the API says them: application/problem+json (RFC 9457), one sentence, no stack trace.

What a caller sent is never repeated: it may be a secret, or half a character.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from pymongo.errors import PyMongoError
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError
from starlette.exceptions import HTTPException

from txplatform.connectors import server_errors
from txplatform.errors import PlatformError, ServerError, UsageError

LOG = logging.getLogger(__name__)
MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = 5
UNAVAILABLE = "A database does not answer in time: try again, or ask whoever runs the platform."
REFUSED = (
    "A database does not let the platform's login do what this needs: ask whoever runs the "
    "platform; its log names the right."
)
LOST = (OperationalError, InterfaceError, PyMongoError, ServerError)


class Problem(BaseModel):
    """What went wrong, for a person (`detail`) and for a program (`status`)."""

    type: str = Field("about:blank", description="Always about:blank: the status says it all.")
    title: str = Field(description="The status in words.", examples=["Unprocessable Content"])
    status: int = Field(description="The HTTP status.", examples=[422])
    detail: str = Field(
        description="What, where and what to do.",
        examples=["There is no alert abc."],
    )
    errors: list[str] = Field(
        default_factory=list, description="Each part of the request that cannot be used."
    )


class NotFoundError(UsageError):
    """There is nothing under this address."""


def problem(
    status: int,
    detail: str,
    errors: list[str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The answer that says what went wrong."""
    title = HTTPStatus(status).phrase
    said = Problem(
        type="about:blank", title=title, status=status, detail=detail, errors=errors or []
    )
    return JSONResponse(said.model_dump(), status, headers, MEDIA_TYPE)


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The answers of these statuses for OpenAPI."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {
        status: {"description": HTTPStatus(status).phrase, "content": content}
        for status in statuses
    }


def install(app: FastAPI, statuses: Mapping[type[PlatformError], int]) -> None:
    """Let an app answer errors this way.

    Args:
        app: the app.
        statuses: for errors that mean something else than a failure of the server (503) or a
            wrong request (422), which status.
    """
    known: dict[type[PlatformError], int] = {
        PlatformError: 503,
        UsageError: 422,
        NotFoundError: 404,
        **statuses,
    }
    for kind, status in known.items():
        app.add_exception_handler(kind, _sentence(status))
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    for failure in (SQLAlchemyError, PyMongoError, ServerError):
        app.add_exception_handler(failure, _of_a_server)
    app.add_exception_handler(Exception, _unexpected)


Handler = Callable[[Request, Exception], Awaitable[Response]]


def _sentence(status: int) -> Handler:
    async def handle(_: Request, error: Exception) -> Response:
        return problem(status, str(error))

    return handle


async def _invalid(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - what Starlette promises
    errors = [
        f"{'.'.join(map(str, one['loc']))}: {one['msg'].removeprefix('Value error, ')}"
        for one in error.errors()
    ]
    said = [one.encode(errors="replace").decode() for one in errors]
    return problem(422, "The request cannot be used: see errors.", said)


async def _http(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - what Starlette promises
    return problem(error.status_code, str(error.detail), headers=error.headers)


async def _of_a_server(_: Request, error: Exception) -> Response:
    if refusal := server_errors.refusal(error):
        LOG.error("%s", refusal)
        return problem(503, REFUSED)
    if not isinstance(error, LOST):
        raise error
    LOG.error("A server does not answer: %s", error)
    return problem(503, UNAVAILABLE, headers={"Retry-After": str(RETRY_SECONDS)})


async def _unexpected(request: Request, error: Exception) -> Response:
    LOG.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return problem(500, "Something unexpected went wrong; the server's log has it.")
