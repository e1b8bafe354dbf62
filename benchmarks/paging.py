"""Pages of the dashboard as its server runs them, for somebody who opens them anew."""

import time
from collections.abc import Mapping
from typing import Any, NamedTuple

from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from txplatform.errors import PlatformError
from txplatform.serving.dashboard.links import address

PATIENCE_SECONDS = 60


class Taken(NamedTuple):
    """What a page took, in milliseconds."""

    wall: float
    cpu: float


def run(domain: str, path: str, asked: Mapping[str, Any], role: str, locale: str = "en_US") -> None:
    """Run a page with parameters of its address.

    Raises:
        PlatformError: it shows an error.
    """
    app = AppTest.from_function(
        _script, default_timeout=PATIENCE_SECONDS, kwargs={"role": role, "locale": locale}
    )
    app._page_hash = calc_hash(address(domain, path))  # noqa: SLF001 - there is no other way to a page
    for name, value in asked.items():
        app.query_params[name] = value
    app.run()
    if app.exception or app.error:
        raise PlatformError(f"{path} {asked}: {app.exception or app.error}")


def taken(domain: str, path: str, role: str, locale: str = "en_US") -> Taken:
    """What a page takes, all threads of this process."""
    wall, cpu = time.perf_counter(), time.process_time()
    run(domain, path, {}, role, locale)
    return Taken(1_000 * (time.perf_counter() - wall), 1_000 * (time.process_time() - cpu))


def _script(role: str, locale: str) -> None:
    """What AppTest runs, on its own: the shell after the door."""
    from txplatform.serving.dashboard import app as dashboard_app
    from txplatform.serving.tokens import Person, Role

    dashboard_app.show(Person("Ada", Role(role)), locale, is_signed_in=False)
