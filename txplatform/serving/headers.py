"""The security headers of every answer: what a browser may do with it, and where it is shown."""

import re
from base64 import b64encode
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from importlib.resources import files

from starlette.types import Scope

Headers = list[tuple[bytes, bytes]]

STRICT: Mapping[bytes, bytes] = {
    b"content-security-policy": b"default-src 'none'; frame-ancestors 'none'",
    b"cross-origin-resource-policy": b"same-origin",
    b"referrer-policy": b"no-referrer",
    b"x-content-type-options": b"nosniff",
    b"x-frame-options": b"DENY",
}
"""For answers that no browser draws."""

ONE_YEAR = b"max-age=31536000"
INLINE_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)


@cache
def of_pages() -> Mapping[bytes, bytes]:
    """For Streamlit's pages: nothing of another site, no foreign frame, no script but its own.

    Its charts compile expressions, which takes 'unsafe-eval', and its components style themselves.
    """
    page = files("streamlit").joinpath("static", "index.html").read_text(encoding="utf-8")
    hashes = (b64encode(sha256(code.encode()).digest()) for code in INLINE_SCRIPT.findall(page))
    scripts = " ".join(f"'sha256-{one.decode()}'" for one in hashes)
    policy = (
        f"default-src 'self'; script-src 'self' 'unsafe-eval' {scripts}; "
        "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
        "media-src 'self' data: blob:; worker-src 'self' blob:; object-src 'none'; "
        "base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
    )
    # A link from the dashboard to Dagster's UI tells nobody what was looked at.
    return {
        **STRICT,
        b"content-security-policy": policy.encode(),
        b"referrer-policy": b"same-origin",
    }


def with_added(headers: Headers, added: Mapping[bytes, bytes], scope: Scope) -> Headers:
    """The headers of an answer with those that it lacks; over TLS browsers are told to stay."""
    wanted = dict(added)
    if scope.get("scheme") == "https":
        wanted[b"strict-transport-security"] = ONE_YEAR
    there = {name.lower() for name, _ in headers}
    return [*headers, *((name, value) for name, value in wanted.items() if name not in there)]
