"""No list of the API is without an end: each takes a limit, or is one by its nature."""

from typing import Any

import httpx

LARGEST_PAGE = 10_000
BOUNDED = {
    "/spend/rules": "the rules that are shipped",
    "/spend/benford": "four tests for each department, of one week",
    "/spend/benford-digits": "the digits of one department, of one week",
}
"""Lists without a limit, each with what keeps it short."""


def test_every_list_takes_a_limit(api: httpx.Client) -> None:
    schema = api.get("/openapi.json").json()
    lists = {
        path: methods["get"]
        for path, methods in schema["paths"].items()
        if "get" in methods and is_list(schema, methods["get"])
    }

    assert set(lists) >= {
        "/spend/weekly-transactions",
        "/spend/alerts",
        "/spend/transactions",
        "/tokens",
    }
    assert {path for path, get in lists.items() if not limit_of(get)} == set(BOUNDED)
    assert max(map(limit_of, lists.values())) <= LARGEST_PAGE


def is_list(schema: dict[str, Any], operation: dict[str, Any]) -> bool:
    """Whether an operation answers with a list or a page of one."""
    content = operation["responses"]["200"].get("content", {})
    answer = content.get("application/json", {}).get("schema", {})
    name = answer.get("$ref", "").rpartition("/")[2]
    known = schema["components"]["schemas"].get(name, answer)
    return known.get("type") == "array" or "items" in known.get("properties", {})


def limit_of(operation: dict[str, Any]) -> int:
    """The largest limit that an operation takes; 0: it takes none."""
    found = [one for one in operation.get("parameters", ()) if one["name"] == "limit"]
    return int(found[0]["schema"]["maximum"]) if found else 0
