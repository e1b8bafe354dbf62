"""Answers of the API: JSON, CSV or Parquet by Accept, every digit, and 304 for what is known.

Money and shares are decimals and travel as text in JSON: a float would round them.
"""

import json
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

import pyarrow as pa
from fastapi import HTTPException, Request, Response

from txplatform.connectors import exports
from txplatform.platform import Platform
from txplatform.serving.paging import Page

JSON, CSV, PARQUET = "application/json", "text/csv", "application/vnd.apache.parquet"
TABULAR: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {
            CSV: {"schema": {"type": "string"}},
            PARQUET: {"schema": {"type": "string", "format": "binary"}},
        },
        "headers": {
            "ETag": {"schema": {"type": "string"}, "description": "Send it as If-None-Match."},
            "X-Total-Count": {
                "schema": {"type": "string"},
                "description": "Rows that match, on all pages.",
            },
            "X-Total-Exact": {
                "schema": {"type": "string"},
                "description": "true; false where more rows match than X-Total-Count.",
            },
            "Link": {"schema": {"type": "string"}, "description": "The next page: rel=next."},
        },
    },
    304: {"description": "Nothing changed since the ETag that was sent as If-None-Match."},
    406: {"description": "None of the types in Accept is offered."},
}
"""What OpenAPI says of a list."""


def bounded_by(reason: str) -> dict[str, Any]:
    """What OpenAPI says (`openapi_extra`) of a list without a limit: what keeps it short."""
    return {"x-bounded-by": reason}


def platform_of(request: Request) -> Platform:
    """The platform that the app serves."""
    found: Platform = request.app.state.platform
    return found


def page_of(request: Request, page: Page) -> Response:
    """A page of a list in the type that the caller accepts."""
    return tabular(
        request, page.rows, page.total, page.next_cursor, is_total_exact=page.is_total_exact
    )


def tabular(
    request: Request,
    rows: pa.Table,
    total: int,
    next_cursor: str | None,
    *,
    is_total_exact: bool = True,
) -> Response:
    """Rows of a list in the type that the caller accepts; see `page_of`."""
    headers = {"X-Total-Count": str(total), "X-Total-Exact": str(is_total_exact).lower()}
    if next_cursor is not None:
        kept = [(name, value) for name, value in request.query_params.multi_items()]
        kept = [(name, value) for name, value in kept if name != "cursor"]
        address = f"{request.url.path}?{urlencode([*kept, ('cursor', next_cursor)])}"
        headers["Link"] = f'<{address}>; rel="next"'
    about = {"total": total, "is_total_exact": is_total_exact, "next_cursor": next_cursor}
    return as_accepted(request, rows, about, headers)


def as_accepted(
    request: Request, rows: pa.Table, about: Mapping[str, Any], headers: Mapping[str, str]
) -> Response:
    """Rows in the type that the caller accepts, with what JSON says about them."""
    kind = chosen(request.headers.get("accept", "*/*"))
    if kind == JSON:
        return as_json(request, {"items": rows.to_pylist(), **about}, headers)
    content = exports.as_bytes(rows, "csv" if kind == CSV else "parquet")
    return _answer(request, content, kind, headers)


def as_json(
    request: Request, body: Any, headers: Mapping[str, str] | None = None, status: int = 200
) -> Response:
    """A value as JSON: decimals and moments as text, Arrow tables as lists of objects."""
    text = json.dumps(body, default=_plain, ensure_ascii=False, separators=(",", ":"))
    return _answer(request, text.encode(), JSON, headers or {}, status)


def _answer(
    request: Request, content: bytes, kind: str, headers: Mapping[str, str], status: int = 200
) -> Response:
    tag = f'"{sha256(kind.encode() + content).hexdigest()[:32]}"'
    own = {
        "ETag": tag,
        "Vary": "Accept, Authorization",
        "Cache-Control": "private, no-cache",
        **headers,
    }
    known = request.headers.get("if-none-match", "")
    if status == 200 and tag in (one.strip().removeprefix("W/") for one in known.split(",")):
        return Response(status_code=304, headers=own)
    media_type = f"{kind}; charset=utf-8" if kind == CSV else kind
    return Response(content, status, own, media_type)


def _plain(value: object) -> object:
    match value:
        case Decimal():
            return f"{value:f}"
        case date() | datetime():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case pa.Table():
            return value.to_pylist()
    raise TypeError(f"{type(value).__name__} has no place in JSON")


def chosen(accept: str) -> str:
    """The type to answer in, the one that an Accept header likes best; JSON among equals.

    Raises:
        HTTPException: 406, none of ours is accepted.
    """
    liking = {kind: _quality(kind, accept) for kind in (JSON, CSV, PARQUET)}
    best = max(liking, key=lambda kind: liking[kind])
    if liking[best] <= 0:
        raise HTTPException(406, f"Offered are {JSON}, {CSV} and {PARQUET}.")
    return best


def _quality(kind: str, accept: str) -> float:
    """How much an Accept header likes a type: the quality of the most specific range that fits."""
    found, specificity = 0.0, -1
    ranges = [kind, f"{kind.split('/', maxsplit=1)[0]}/*", "*/*"]
    for part in accept.split(","):
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        if name in ranges and 2 - ranges.index(name) > specificity:
            specificity = 2 - ranges.index(name)
            weights = [one[2:] for one in parameters if one.startswith("q=")]
            found = _number(weights[0]) if weights else 1.0
    return found


def _number(text: str) -> float:
    try:
        return min(max(float(text), 0.0), 1.0)
    except ValueError:
        return 0.0
