"""No list of the API is without an end: each takes a limit, or is one by its nature."""

from typing import Any

import httpx

LARGEST_PAGE = 10_000


def test_every_list_takes_a_limit_or_says_what_bounds_it(http: httpx.Client) -> None:
    schema = http.get("/openapi.json").json()
    lists = {
        path: methods["get"]
        for path, methods in schema["paths"].items()
        if "get" in methods and is_list(schema, methods["get"])
    }

    assert set(lists) >= {"/spend/weekly-transactions", "/spend/rules", "/freshness", "/tokens"}
    assert [path for path, get in lists.items() if bool(limit_of(get)) == is_bounded(get)] == []
    assert max(map(limit_of, lists.values())) <= LARGEST_PAGE


def is_bounded(operation: dict[str, Any]) -> bool:
    """Whether an operation says what keeps its list short."""
    return bool(operation.get("x-bounded-by"))


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
