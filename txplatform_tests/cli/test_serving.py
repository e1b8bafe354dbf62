"""`token` makes, lists, revokes; without one `api` and `dashboard` serve this machine only."""

import socket

import pytest

from txplatform.errors import ServerError, UsageError
from txplatform.platform import Platform
from txplatform.serving import tokens
from txplatform.serving.tokens import Person, Role
from txplatform_tests.cli.commands import Command


def test_a_token_is_printed_once_and_lets_its_bearer_in(
    command: Command, installation: Platform
) -> None:
    done = command("token", "create", "Ada Lovelace", "--role", "controller", "--days", 90)

    [made] = done.lines
    assert tokens.find(installation.engine, made) == Person("Ada Lovelace", Role.CONTROLLER)
    assert "shown this once" in done.err
    assert made.split("_", 2)[2] not in command("token", "list").out


def test_tokens_are_listed_and_revoked(command: Command, installation: Platform) -> None:  # noqa: ARG001
    made = command("token", "create", "Ada", "--json").json
    assert made["role"] == "reader"

    revoked = command("token", "revoke", made["token_id"])

    assert revoked.lines == [f"The token {made['token_id']} lets nobody in any more."]
    [listed] = command("token", "list", "--json").json
    assert listed["revoked_at"] is not None
    assert "token" not in listed
    header, line = command("token", "list").lines
    assert header.split() == ["token", "name", "role", "created", "expires", "revoked"]
    assert line.split()[:3] == [made["token_id"], "Ada", "reader"]


def test_a_token_that_is_not_there_is_a_sentence(
    command: Command,
    installation: Platform,  # noqa: ARG001
) -> None:
    assert isinstance(command("token", "revoke", "x").error, UsageError)


def test_the_api_listens_on_this_machine_only_without_tokens(
    command: Command,
    installation: Platform,  # noqa: ARG001
) -> None:
    refused = command("api", "--host", "0.0.0.0")  # noqa: S104 - it is what must be refused

    assert isinstance(refused.error, UsageError)
    assert "Without tokens only this machine is served, not 0.0.0.0" in str(refused.error)


@pytest.mark.usefixtures("installation")
def test_a_port_that_is_taken_is_a_sentence(command: Command) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = command("api", "--port", port)

    assert isinstance(refused.error, ServerError)
    assert str(refused.error) == (
        f"The API cannot listen on port {port} of 127.0.0.1 (Address already in use): say another "
        "--port, or --host."
    )
    assert "until Ctrl-C" not in refused.err


@pytest.mark.parametrize("option", [("--role", "king"), ("--days", "0")])
def test_a_wrong_option_is_wrong_usage(command: Command, option: tuple[str, str]) -> None:
    assert command("token", "create", "Ada", *option).error is not None


@pytest.mark.usefixtures("installation")
def test_without_tokens_the_dashboard_serves_no_other_machine(command: Command) -> None:
    done = command("dashboard", "--host", "192.0.2.7")

    assert isinstance(done.error, UsageError)
    assert "txplatform token create" in str(done.error)
