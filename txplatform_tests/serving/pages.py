"""Pages of the dashboard as a reader reads them, drawn in this process.

Streamlit's own AppTest runs the script as the server does; the databases are real.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from txplatform.platform import Platform
from txplatform.serving.dashboard.installation import installation
from txplatform.serving.dashboard.links import address
from txplatform_tests.cli.commands import addresses_of

SECONDS = 60


@contextmanager
def dashboard_of(
    platform: Platform, monkeypatch: pytest.MonkeyPatch, **settings: str
) -> Iterator[Platform]:
    """Let dashboards of this process and its children find an installation; as they open it.

    `settings` are further ones, such as LOCAL_USER.
    """
    further = {f"TXPLATFORM_{name}": value for name, value in settings.items()}
    for name, value in {**addresses_of(platform), **further}.items():
        monkeypatch.setenv(name, value)
    # Streamlit makes its script the main module, which every later child process would import.
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])
    installation.cache_clear()
    yield installation()
    installation().close()
    installation.cache_clear()


def opened_page(
    domain: str, path: str = "", role: str = "reader", locale: str = "en_US", **parameters: str
) -> AppTest:
    """A page as the address with these parameters shows it to Ada; it may not fail.

    Of no domain it is the start page. A parameter that Python keeps for itself ends in `_`.
    """
    app = AppTest.from_function(
        _script, default_timeout=SECONDS, kwargs={"role": role, "locale": locale}
    )
    app._page_hash = calc_hash(address(domain, path) if domain else "")
    for name, value in parameters.items():
        app.query_params[name.rstrip("_")] = value
    app.run()
    assert not app.exception, app.exception
    return app


def _script(role: str, locale: str) -> None:
    """What AppTest runs, on its own: the shell after the door."""
    from txplatform.serving.dashboard import app as dashboard_app
    from txplatform.serving.tokens import Person, Role

    dashboard_app.show(Person("Ada", Role(role)), locale, is_signed_in=False)


def figures(app: AppTest) -> dict[str, str]:
    """The figures of a page by their label."""
    return {metric.label: metric.value for metric in app.metric}


def tables_of(app: AppTest) -> list[dict[str, list[str]]]:
    """The tables of a page: heading to cells."""
    return [
        {str(name): [plain(cell) for cell in column] for name, column in one.value.items()}
        for one in app.table
    ]


def plain(written: str) -> str:
    """Text as a reader sees it, without what keeps it from being Markdown."""
    return written.replace("\u2060", "").replace("\\", "")


def said(app: AppTest) -> str:
    """All sentences of a page."""
    titles = (app.title, app.header, app.subheader, app.markdown, app.caption)
    messages = (app.info, app.success, app.warning, app.error)
    return "\n".join(plain(str(one.value)) for kind in (*titles, *messages) for one in kind)
