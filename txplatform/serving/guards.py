"""What surrounds every request: limits of time and size, security headers, and its measure."""

import asyncio
import time

import pymongo
from prometheus_client import CollectorRegistry, Counter, Histogram
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from txplatform.serving import headers
from txplatform.serving.api.problems import problem

LARGEST_BODY = 256 * 1024
ADDED = {**headers.STRICT, b"cache-control": b"no-store"}


class Guard:
    """Wraps an app: no request takes longer than its limit, no answer leaves without headers."""

    def __init__(self, app: ASGIApp, seconds: float, registry: CollectorRegistry) -> None:
        self._app = app
        self._seconds = seconds
        labels = ("method", "route", "status")
        self._count = Counter(
            "txplatform_requests_total", "Requests answered.", labels, registry=registry
        )
        self._time = Histogram(
            "txplatform_request_seconds", "Time to answer.", labels[:2], registry=registry
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.monotonic(), 0

        async def guarded(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = headers.with_added(message["headers"], ADDED, scope)
            await send(message)

        try:
            # MongoDB stops by itself, PostgreSQL by its statement_timeout: a thread that waits
            # for them cannot be interrupted.
            async with asyncio.timeout(self._seconds):
                with pymongo.timeout(self._seconds):
                    await self._app(scope, limited(receive), guarded)
        except TimeoutError:
            if not status:
                late = problem(504, "The answer took too long: ask for less.")
                await late(scope, receive, guarded)
        finally:
            self._measure(scope, status, time.monotonic() - began)

    def _measure(self, scope: Scope, status: int, seconds: float) -> None:
        route = _route_of(scope)
        self._count.labels(scope["method"], route, str(status)).inc()
        self._time.labels(scope["method"], route).observe(seconds)


def _route_of(scope: Scope) -> str:
    """The template of a path, with the prefix of its router: paths would be a series each."""
    # FastAPI leaves the route as its router declares it, and says beside it where that is mounted.
    mounted = scope.get("fastapi", {}).get("effective_route_context", scope.get("route"))
    return getattr(mounted, "path", "unknown")


def limited(receive: Receive) -> Receive:
    """The same body, cut off with an error where it grows too large, announced or not."""
    size = 0

    async def counted() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > LARGEST_BODY:
            raise HTTPException(413, f"A request has at most {LARGEST_BODY:,} bytes.")
        return message

    return counted
