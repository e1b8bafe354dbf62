"""The business domains, one folder each; adding the folder is the registration.

The shape of a domain: `__init__.py` (the question it answers and its grain), `tables.py` (its
tables, declared once), `sources` (what arrives), `transforms` (DataFrame -> DataFrame, no I/O),
`assets.py` (which transform fills which table), `checks.py` (business checks) and
`definitions.py` (what Dagster sees: a function `build(settings) -> Definitions`). Between them,
where a domain needs it and without Dagster: `weeks.py` (its grain, measured), `computation.py`
(one computation), `planning.py` (which to compute), `publishing.py` (the one write path),
`rules/` (one small function per alert rule, no I/O), `alerting.py` (one computation of alerts),
`decisions.py` (the one write path of people), `queries.py` (the read side), `api.py` (its FastAPI
router) and `pages/` (its Streamlit pages); `settings.py` holds its class of settings. A file that
outgrows its budget becomes a folder of the same name.
"""

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType


def names() -> list[str]:
    """Names of the domain folders, sorted."""
    return sorted(module.name for module in iter_modules(__path__) if module.ispkg)


def modules(part: str) -> Iterator[ModuleType]:
    """The module `part` (such as `definitions` or `tables`) of every domain."""
    for name in names():
        yield import_module(f"{__name__}.{name}.{part}")
