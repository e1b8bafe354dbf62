"""HTTP: one request at a time to somebody else's service, tried again as its manners ask for."""

import random
import socket
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from threading import Event, Timer
from typing import Any, NamedTuple

import httpx
import stamina

from txplatform.errors import SourceError

CONNECT_SECONDS, READ_SECONDS = 5.0, 60.0
JITTER = 0.2
LONGEST_ASKED = 300.0
"""Seconds that a `Retry-After` may ask for; whoever asks for more is asked again another time."""

MOST_BYTES = 50 << 20
"""Of an answer, unpacked; a year of hours has two million."""

TOO_MANY = 429


class Patience(NamedTuple):
    """How long to wait before each further try, and for an answer."""

    waits: tuple[float, ...] = (2.0, 8.0, 30.0)
    connect: float = CONNECT_SECONDS
    read: float = READ_SECONDS
    """Of silence; a service that sends now and then a byte is left after `whole`, at each try."""
    whole: float = 300.0


class StatusError(SourceError):
    """The service answered, and not with what was asked for."""

    @property
    def status(self) -> int:
        """The status of its answer."""
        return self.facts["status"]


class Http:
    """A client of one service; to be closed."""

    def __init__(self, user_agent: str, patience: Patience | None = None) -> None:
        # Its own would print a line for each try, address and all, on the terminal.
        stamina.instrumentation.set_on_retry_hooks([])
        self._patience = patience or Patience()
        self._client = httpx.Client(
            timeout=httpx.Timeout(self._patience.read, connect=self._patience.connect),
            limits=httpx.Limits(max_keepalive_connections=0),
            headers={"User-Agent": user_agent},
            follow_redirects=False,
        )

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def get(
        self, url: str, parameters: Mapping[str, str], headers: Mapping[str, str] | None = None
    ) -> str:
        """The text of an answer with status 200.

        Raises:
            SourceError: there was none, after all tries; the sentence says what came instead.
        """
        return self._send("GET", url, params=parameters, headers=headers)

    def post(self, url: str, form: Mapping[str, str]) -> str:
        """The text of the answer to a form, which may hold secrets: no error quotes it."""
        return self._send("POST", url, data=dict(form))

    def _send(self, method: str, url: str, **content: Any) -> str:
        try:
            request = self._client.build_request(method, url, **content)
        except httpx.InvalidURL as error:
            sentence = f"The address of the source is none ({error!s:.120})."
            raise SourceError(sentence, "no_address") from None
        where = f"{request.url.host}{request.url.path}"
        plan = _Plan(self._patience.waits)
        try:
            for attempt in stamina.retry_context(
                on=plan.wait_after, attempts=len(plan.waits) + 1, timeout=None
            ):
                with attempt:
                    return self._answer(request, where)
        except httpx.HTTPError as error:
            raise _sentence(error, where, plan.tries) from None
        raise AssertionError("an attempt returns or raises")

    def _answer(self, request: httpx.Request, where: str) -> str:
        """The text of one answer, which is read only as far and as long as an answer may go."""
        body = bytearray()
        with (
            _done_within(self._patience.whole, request, where),
            closing(self._client.send(request, stream=True)) as answer,
        ):
            answer.raise_for_status()
            for part in answer.iter_bytes():
                body += part
                if len(body) > MOST_BYTES:
                    raise SourceError(f"{where} sends more than {MOST_BYTES >> 20} MB.", "large")
        try:
            return body.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise SourceError(f"The answer of {where} is no text in UTF-8.", "no_text") from None


@contextmanager
def _done_within(seconds: float, request: httpx.Request, where: str) -> Iterator[None]:
    """Break a request's connection when its time is over, whatever still comes.

    The client's own limits are of silence: a service that sends a byte now and then, be it of the
    headers, would hold it for days.
    """
    sockets: list[socket.socket] = []
    is_over = Event()

    def note(event: str, facts: Mapping[str, Any]) -> None:
        if event.endswith("connect_tcp.complete"):
            sockets.append(facts["return_value"].get_extra_info("socket").dup())

    def end() -> None:
        is_over.set()
        for connected in sockets:
            with suppress(OSError):  # the other side may have broken it
                connected.shutdown(socket.SHUT_RDWR)

    request.extensions["trace"] = note
    timer = Timer(seconds, end)
    timer.start()
    try:
        yield
    except httpx.RequestError:
        if not is_over.is_set():
            raise
    finally:
        timer.cancel()
        timer.join()
        for connected in sockets:
            connected.close()
    if is_over.is_set():
        raise SourceError(f"{where} sends too slowly: not done in time.", "slow")


class _Plan:
    """Which failures are tried again, and after how long."""

    def __init__(self, waits: tuple[float, ...]) -> None:
        self.waits, self.tries = waits, 0

    def wait_after(self, error: Exception) -> bool | float:
        """Seconds to wait before the next try; False: give up."""
        self.tries += 1
        if self.tries > len(self.waits) or not _may_pass(error):
            return False
        usual = self.waits[self.tries - 1] * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 - no secret
        asked = _asked(error)
        if asked is not None and asked > LONGEST_ASKED:
            return False
        return usual if asked is None else asked


def _may_pass(error: Exception) -> bool:
    if isinstance(error, httpx.HTTPStatusError):
        return error.response.status_code == TOO_MANY or error.response.is_server_error
    return isinstance(error, httpx.TimeoutException)


def _asked(error: Exception) -> float | None:
    """Seconds that a `Retry-After` asks for, as a number or as a date."""
    if not isinstance(error, httpx.HTTPStatusError):
        return None
    written = error.response.headers.get("Retry-After", "").strip()
    if written.isdecimal():
        return float(written)
    try:
        until = parsedate_to_datetime(written).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return max((until - datetime.now(UTC)).total_seconds(), 0.0)


def _sentence(error: httpx.HTTPError, where: str, tries: int) -> SourceError:
    """An error of the client in a person's words."""
    what = f"{error!s:.120}".rstrip(". ")
    match error:
        case httpx.HTTPStatusError():
            return _status_error(error.response, where, tries)
        case httpx.TimeoutException():
            return SourceError(
                f"{where} did not answer in time{_times(tries)}.", "late", tries=tries
            )
        case httpx.DecodingError():
            return SourceError(f"The answer of {where} cannot be unpacked: {what}.", "packed")
        case httpx.RemoteProtocolError():
            return SourceError(f"{where} broke off: {what}.", "broken_off")
    return SourceError(f"{where} cannot be reached: {what}.", "unreachable")


def _status_error(answer: httpx.Response, where: str, tries: int) -> StatusError:
    status = answer.status_code
    if status == TOO_MANY:
        kind, says = "too_often", f"says that it is asked too often (429){_times(tries)}"
    elif answer.is_server_error:
        kind, says = "fault", f"has a fault of its own ({status}){_times(tries)}"
    elif status == httpx.codes.UNAUTHORIZED:
        kind, says = "login", "wants a login (401): check the user and password of the source"
    elif answer.is_redirect:
        kind, says = "elsewhere", f"sends us elsewhere ({status}): check the address of the source"
    else:
        kind, says = "refused", f"refuses the request ({status})"
    return StatusError(f"{where} {says}.", kind, status=status, tries=tries)


def _times(tries: int) -> str:
    """How often somebody was asked, where that was more than once."""
    return f", {tries} times" if tries > 1 else ""
