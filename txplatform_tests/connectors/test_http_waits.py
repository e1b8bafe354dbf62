"""How long is waited before somebody else's service is asked again."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest

from txplatform.connectors import http
from txplatform.connectors.http import Patience

LAST_DAY = "Fri, 31 Dec 9999"


def failed(status: int, retry_after: str | None = None) -> httpx.HTTPStatusError:
    """A failure as httpx raises it."""
    headers = {"Retry-After": retry_after} if retry_after else {}
    request = httpx.Request("GET", "http://here")
    response = httpx.Response(status, headers=headers, request=request)
    return httpx.HTTPStatusError("failed", request=request, response=response)


def waits(*errors: Exception) -> list[bool | float]:
    """How long is waited after each failure, with the usual patience."""
    plan = http._Plan(Patience().waits)
    return [plan.wait_after(error) for error in errors]


def test_the_usual_waits_are_two_eight_and_thirty_seconds_more_or_less() -> None:
    for _ in range(50):
        first, second, third, last = waits(*[failed(503)] * 4)
        assert 1.6 <= float(first) <= 2.4
        assert 6.4 <= float(second) <= 9.6
        assert 24 <= float(third) <= 36
        assert last is False


@pytest.mark.parametrize(("asked", "expected"), [("0", 0.0), ("17", 17.0), ("300", 300.0)])
def test_seconds_that_are_asked_for_are_waited(asked: str, expected: float) -> None:
    assert waits(failed(429, asked)) == [expected]


def test_a_date_that_is_asked_for_is_waited_for() -> None:
    at = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    past = format_datetime(datetime.now(UTC) - timedelta(seconds=60), usegmt=True)

    assert 55 < float(waits(failed(429, at))[0]) <= 60
    assert waits(failed(503, past)) == [0.0]


@pytest.mark.parametrize("asked", ["301", "86400"])
def test_too_long_a_wait_ends_it(asked: str) -> None:
    assert waits(failed(429, asked)) == [False]


@pytest.mark.parametrize(
    "asked",
    ["soon", "-5", "1.5", "", f"Mon, 01 Jan {10**20} 00:00:00 GMT", f"{LAST_DAY} 23:59:59 -2359"],
)
def test_what_is_no_time_is_the_usual_wait(asked: str) -> None:
    assert 1.6 <= float(waits(failed(429, asked))[0]) <= 2.4


def test_a_timeout_may_pass_and_a_broken_line_not() -> None:
    assert float(waits(httpx.ReadTimeout("late"))[0]) > 0
    assert float(waits(httpx.ConnectTimeout("late"))[0]) > 0
    assert waits(httpx.ConnectError("refused")) == [False]
    assert waits(httpx.RemoteProtocolError("cut")) == [False]
