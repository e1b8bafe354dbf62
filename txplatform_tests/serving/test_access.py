"""Who comes in: by token and role, or from this machine alone; guessing is slowed down."""

import json

import httpx
import pytest
from fastapi import HTTPException

from txplatform.errors import UsageError
from txplatform.platform import Platform
from txplatform.serving import tokens
from txplatform.serving.access import MOST_PLACES, Gate, is_loopback, require_servable
from txplatform.serving.tokens import Person, Role

READS = (
    "/spend/weeks",
    "/spend/weekly-transactions",
    "/spend/departments",
    "/spend/alerts",
    "/spend/rules",
    "/metrics",
)
COMMENT = {"kind": "comment", "reason": "x", "sequence": 0}


def bearer(served: Platform, role: Role, name: str = "Ada") -> dict[str, str]:
    """The header of a fresh token."""
    return {"Authorization": f"Bearer {tokens.create(served.engine, name, role)[0]}"}


@pytest.mark.parametrize("path", READS)
def test_without_tokens_this_machine_is_served(http: httpx.Client, path: str) -> None:
    assert http.get(path).status_code == 200


def test_from_the_first_token_on_nobody_comes_in_without(
    http: httpx.Client, served: Platform
) -> None:
    header = bearer(served, Role.READER)

    refused = [http.get(path) for path in READS]

    assert {one.status_code for one in refused} == {401}
    assert refused[0].headers["www-authenticate"].startswith("Bearer")
    assert refused[0].headers["content-type"] == "application/problem+json"
    assert {http.get(path, headers=header).status_code for path in READS} == {200}


def test_alive_and_ready_need_no_token(http: httpx.Client, served: Platform) -> None:
    bearer(served, Role.READER)

    assert http.get("/health").json()["status"] == "ok"
    assert http.get("/ready").json()["status"] == "ready"


@pytest.mark.parametrize(
    ("role", "statuses"),
    [
        (Role.READER, [200, 403, 403, 403]),
        (Role.CONTROLLER, [200, 404, 422, 403]),
        (Role.ADMIN, [200, 404, 422, 200]),
    ],
)
def test_roles_hold(http: httpx.Client, served: Platform, role: Role, statuses: list[int]) -> None:
    """The alert is not there and the week is open: who may ask is told so, others are not."""
    header = bearer(served, role)
    answers = [
        http.get("/spend/alerts", headers=header),
        http.post("/spend/alerts/x/decisions", headers=header, json=COMMENT),
        http.post("/spend/sign-offs", headers=header, json={"week_start": "2999-12-30"}),
        http.get("/tokens", headers=header),
    ]

    assert [one.status_code for one in answers] == statuses


def test_tokens_are_made_and_revoked_over_the_api(http: httpx.Client, served: Platform) -> None:
    header = bearer(served, Role.ADMIN)

    made = http.post("/tokens", headers=header, json={"name": "Grace", "role": "reader"})
    own = {"Authorization": f"Bearer {made.json()['token']}"}
    before = http.get("/spend/alerts", headers=own).status_code
    revoked = http.delete(f"/tokens/{made.json()['token_id']}", headers=header)

    assert (made.status_code, before, revoked.status_code) == (201, 200, 204)
    assert http.get("/spend/alerts", headers=own).status_code == 401
    listed = http.get("/tokens", headers=header).json()
    assert {one["name"] for one in listed} == {"Ada", "Grace"}
    assert all("token" not in one and "secret_hash" not in one for one in listed)


def test_after_ten_wrong_tokens_an_address_waits(http: httpx.Client, served: Platform) -> None:
    header = bearer(served, Role.READER)
    wrong = {"Authorization": "Bearer txp_00000000_wrong"}

    statuses = [http.get("/spend/weeks", headers=wrong).status_code for _ in range(11)]
    right = http.get("/spend/weeks", headers=header)

    assert statuses == [401] * 10 + [429]
    assert right.status_code == 429, "a token that was guessed is not told from others"
    assert 1 <= int(right.headers["retry-after"]) <= 60


def test_another_address_need_not_wait(served: Platform) -> None:
    gate = Gate(served.engine, "Ada")
    for _ in range(10):
        with pytest.raises(HTTPException):
            gate.admit("10.0.0.1", "host", "wrong")

    assert gate.admit("127.0.0.1", "localhost", None) == Person("Ada", Role.ADMIN)


def fail(gate: Gate, address: str) -> int:
    """The status of a wrong token from an address."""
    with pytest.raises(HTTPException) as refused:
        gate.admit(address, "host", "wrong")
    return refused.value.status_code


def test_a_household_of_ipv6_counts_as_one_and_its_neighbour_does_not(served: Platform) -> None:
    """Catches: a guesser with 2^64 addresses of its own."""
    gate = Gate(served.engine, "Ada")

    assert [fail(gate, f"2001:db8::{number:x}") for number in range(11)] == [401] * 10 + [429]
    assert fail(gate, "2001:db8:0:1::1") == 401


def test_failures_from_everywhere_do_not_fill_the_memory(served: Platform) -> None:
    gate = Gate(served.engine, "Ada")
    for number in range(MOST_PLACES + 100):
        gate._note_failure(f"place {number}")

    assert len(gate._failures.events) <= MOST_PLACES
    assert len(gate._failures.locks) <= MOST_PLACES + 100
    assert fail(gate, "10.0.0.1") == 401


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("10.0.0.1", "localhost"),
        ("10.0.0.1", "127.0.0.1"),
        ("127.0.0.1", "evil.example"),
        ("", "localhost"),
        ("testclient", "localhost"),
    ],
)
def test_others_are_not_served_without_tokens(served: Platform, address: str, host: str) -> None:
    """Catches: a page of another site that lets its name point at this machine."""
    with pytest.raises(HTTPException) as refused:
        Gate(served.engine, "Ada").admit(address, host, None)

    assert refused.value.status_code == 403


def test_a_forged_host_is_refused_by_the_running_server(http: httpx.Client) -> None:
    assert http.get("/spend/weeks", headers={"Host": "evil.example"}).status_code == 403


@pytest.mark.parametrize("origin", ["http://evil.example", "http://127.0.0.1:9", "null"])
def test_a_page_of_another_site_may_not_use_who_sits_here(http: httpx.Client, origin: str) -> None:
    """Catches: without tokens, a page on another site that has the reader's browser decide."""
    answer = http.post("/spend/alerts/x/decisions", headers={"Origin": origin}, json=COMMENT)
    own = http.post(
        "/spend/alerts/x/decisions", headers={"Origin": str(http.base_url)}, json=COMMENT
    )

    assert (answer.status_code, own.status_code) == (403, 404)


@pytest.mark.parametrize("kind", [{}, {"Content-Type": "text/plain"}])
def test_what_a_form_can_send_is_no_json(http: httpx.Client, kind: dict[str, str]) -> None:
    """Catches: a body without a type, which browsers send to other sites without asking."""
    answer = http.post("/spend/alerts/x/decisions", content=json.dumps(COMMENT), headers=kind)

    assert answer.status_code == 422


@pytest.mark.parametrize(
    ("address", "is_ours"),
    [
        ("127.0.0.1", True),
        ("127.8.9.1", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),  # noqa: S104 - it is what must be refused
        ("::", False),
        ("10.0.0.1", False),
        ("example.org", False),
        ("", False),
    ],
)
def test_which_addresses_are_this_machines(address: str, is_ours: bool) -> None:
    assert is_loopback(address) == is_ours


def test_nothing_listens_beyond_this_machine_without_tokens(
    http: httpx.Client,  # noqa: ARG001 - it removes the token
    served: Platform,
) -> None:
    everywhere = "0.0.0.0"  # noqa: S104 - it is what must be refused
    require_servable(served.engine, "127.0.0.1")
    with pytest.raises(UsageError, match="Without tokens only this machine is served, not 0"):
        require_servable(served.engine, everywhere)

    tokens.create(served.engine, "Ada", Role.READER)

    require_servable(served.engine, everywhere)
