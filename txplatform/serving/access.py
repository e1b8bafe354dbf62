"""Who may come in: by token, or, while there are no tokens, whoever sits at this machine.

Guessing is slowed down: after ten wrong tokens in a minute an address waits.
"""

import time
from ipaddress import ip_address, ip_network
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, HTTPException, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from sqlalchemy import Engine
from starlette.requests import HTTPConnection

from txplatform.errors import UsageError
from txplatform.serving import tokens
from txplatform.serving.tokens import Person, Role

FAILURES = parse("10/minute")
MOST_PLACES = 10_000
LOCAL_NAMES = ("localhost", "127.0.0.1", "::1")
CHALLENGE = {"WWW-Authenticate": 'Bearer realm="txplatform"'}

BEARER = HTTPBearer(
    auto_error=False,
    description="A token of `txplatform token create`; none is needed on this machine as long as "
    "none was ever made.",
)


class Gate:
    """Lets people in and counts wrong tokens per address."""

    def __init__(self, engine: Engine, local_user: str) -> None:
        self._engine = engine
        self._local = Person(local_user, Role.ADMIN)
        self._forget_failures()

    def admit(self, address: str, host: str, token: str | None) -> Person:
        """Whoever comes from an address with a token, or without one.

        Args:
            address: of the client.
            host: the name under which the client called this server. A page of another site
                that points its own name at this machine (DNS rebinding) gives itself away.
            token: what it brought; None: nothing.

        Raises:
            HTTPException: 401 or 403, or 429 after too many wrong tokens.
        """
        place = _place(address)
        if not self._limiter.test(FAILURES, place):
            reset = self._limiter.get_window_stats(FAILURES, place).reset_time
            wait = {"Retry-After": str(max(1, round(reset - time.time())))}
            raise HTTPException(429, "Too many wrong tokens from this address: wait.", wait)
        if token is None:
            return self._without_token(address, host)
        person = tokens.find(self._engine, token)
        if person is None:
            self._note_failure(place)
            raise HTTPException(401, "The token is unknown, expired or revoked.", CHALLENGE)
        return person

    def _note_failure(self, place: str) -> None:
        # The store keeps a line for every place that ever failed.
        if len(self._failures.events) >= MOST_PLACES:
            self._forget_failures()
        self._limiter.hit(FAILURES, place)

    def _forget_failures(self) -> None:
        # A store of its own: `reset` takes the lines from under the thread that expires them.
        self._failures = MemoryStorage()
        self._limiter = MovingWindowRateLimiter(self._failures)

    def _without_token(self, address: str, host: str) -> Person:
        if tokens.are_there(self._engine):
            raise HTTPException(401, "A token is needed: Authorization: Bearer txp_...", CHALLENGE)
        if not (is_loopback(address) and host in LOCAL_NAMES):
            raise HTTPException(
                403,
                "While there are no tokens, only this machine is served, under its own name: "
                "make one with `txplatform token create`.",
            )
        return self._local


def _place(address: str) -> str:
    """Where failures are counted: an address, or the network that one household of IPv6 has."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    return str(found if found.version == 4 else ip_network((found, 64), strict=False))


def is_loopback(address: str) -> bool:
    """Whether an address is this machine's own."""
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return address == "localhost"


def is_of_this_site(connection: HTTPConnection) -> bool:
    """Whether our own page asks, or no page at all; browsers tell, and scripts cannot forge it."""
    origin = connection.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == connection.headers.get("host")


def require_servable(engine: Engine, host: str) -> None:
    """Refuse to listen beyond this machine without tokens.

    Raises:
        UsageError: there are none, and the address is not this machine's own.
    """
    if not is_loopback(host) and not tokens.are_there(engine):
        raise UsageError(
            f"Without tokens only this machine is served, not {host}: make one with "
            "`txplatform token create` first, or leave --host out."
        )


def person_of(
    request: Request,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(BEARER)],
) -> Person:
    """Whoever makes a request."""
    gate: Gate = request.app.state.gate
    address = request.client.host if request.client else ""
    token = credentials.credentials if credentials else None
    if token is None and not is_of_this_site(request):
        raise HTTPException(403, "A page of another site asks: it may not without a token.")
    return gate.admit(address, request.url.hostname or "", token)


Anybody = Annotated[Person, Depends(person_of)]


def _with_role(role: Role) -> object:
    async def require(person: Anybody) -> Person:  # a coroutine: it needs no thread
        if not person.may(role):
            raise HTTPException(403, f"This takes the role {role}; your token is a {person.role}.")
        return person

    return Depends(require)


Reader = Annotated[Person, _with_role(Role.READER)]
Controller = Annotated[Person, _with_role(Role.CONTROLLER)]
Admin = Annotated[Person, _with_role(Role.ADMIN)]
