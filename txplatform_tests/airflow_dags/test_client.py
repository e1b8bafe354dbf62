"""The client of Dagster's GraphQL: what a person reads when something is not as it should be."""

import socket

import pytest

from txplatform.airflow_dags.dagster_partitions.client import (
    Dagster,
    DagsterError,
    DagsterUnreachable,
    DagsterUsageError,
)
from txplatform_tests.airflow_dags.dagster_server import DagsterServer
from txplatform_tests.airflow_dags.processes import free_port
from txplatform_tests.airflow_dags.wire import answering

VERSION = "{ version }"


def test_a_query_returns_its_data(dagster: DagsterServer) -> None:
    assert dagster.client.query(VERSION)["version"].startswith("1.")


def test_a_query_that_dagster_does_not_understand_is_refused_with_its_reason(
    dagster: DagsterServer,
) -> None:
    with pytest.raises(DagsterError, match="refuses a query: Cannot query field 'nope'"):
        dagster.client.query("{ nope }")


def test_a_missing_variable_is_refused_with_its_reason(dagster: DagsterServer) -> None:
    with pytest.raises(DagsterError, match=r"Variable '\$runId' of required type"):
        dagster.client.query("query R($runId: ID!) { runOrError(runId: $runId) { __typename } }")


def test_an_answer_that_is_an_error_is_raised_with_its_message(dagster: DagsterServer) -> None:
    document = '{ runOrError(runId: "gone") { __typename ... on Error { message } } }'

    with pytest.raises(DagsterError, match=r"answers RunNotFoundError: .*gone"):
        dagster.client.one(document, "Run")


def test_a_webserver_that_is_not_there_is_named_with_the_innermost_reason() -> None:
    nobody = Dagster(f"http://127.0.0.1:{free_port()}")

    with pytest.raises(DagsterUnreachable, match=r"does not answer: .*Connection refused\.$"):
        nobody.query(VERSION)


def test_a_webserver_that_takes_too_long_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        hasty = Dagster(f"http://127.0.0.1:{silent.getsockname()[1]}", timeout=0.1)

        with pytest.raises(DagsterUnreachable, match="does not answer"):
            hasty.query(VERSION)


@pytest.mark.parametrize("url", ["dagster.example.com", "http://", "nonsense://host"])
def test_an_address_that_is_none_is_a_mistake_of_the_connection(url: str) -> None:
    with pytest.raises(DagsterUsageError, match="The Airflow connection has no usable URL"):
        Dagster(url).query(VERSION)


@pytest.mark.parametrize(
    ("status", "body", "sentence"),
    [
        (401, "{}", "refuses the credentials"),
        (403, "<html>", "refuses the credentials"),
        (200, "<html>login</html>", "does not answer like Dagster's webserver"),
        (200, "[]", "does not answer like Dagster's webserver"),
        (302, "", "does not answer like Dagster's webserver"),
        (404, "not found", "does not answer like Dagster's webserver"),
    ],
)
def test_what_is_not_dagster_is_said_to_be_none(status: int, body: str, sentence: str) -> None:
    with (
        answering(status, body, {"Location": "/login"}) as wire,
        pytest.raises(DagsterError, match=sentence) as raised,
    ):
        Dagster(wire.url).query(VERSION)

    assert not isinstance(raised.value, DagsterUnreachable)


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_proxy_without_dagster_behind_it_may_have_one_later(status: int) -> None:
    with answering(status, "<html>") as wire, pytest.raises(DagsterUnreachable, match=str(status)):
        Dagster(wire.url).query(VERSION)


def test_a_token_and_a_user_travel_as_the_web_wants_them() -> None:
    with answering(200, '{"data": {}}') as wire:
        Dagster(wire.url, headers={"Authorization": "Bearer t"}).query(VERSION)
        Dagster(wire.url, basic_auth=("user", "password")).query(VERSION)

    sent = [request["Authorization"] for request in wire.requests]
    assert sent == ["Bearer t", "Basic dXNlcjpwYXNzd29yZA=="]


def test_secrets_are_not_in_what_a_client_prints() -> None:
    client = Dagster("http://host", headers={"Authorization": "secret"}, basic_auth=("u", "secret"))

    assert "secret" not in repr(client)


def test_the_page_of_a_run_is_where_people_reach_dagster() -> None:
    inside = Dagster("http://dagster:3000", ui_url="https://dagster.example.com/")

    assert inside.run_url("1") == "https://dagster.example.com/runs/1"
    assert Dagster("http://dagster:3000").run_url("1") == "http://dagster:3000/runs/1"
