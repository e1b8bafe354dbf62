"""The business domains, one folder each; adding the folder is the registration.

Nothing outside this package names a domain, and no domain imports another. The machine finds what
a domain brings by the names of its parts, each a file or a folder of the same name:

| part | what the machine takes from it | |
|---|---|---|
| `__init__` | docstring: the question it answers, and its grain | required |
| `tables` | `metadata`: its PostgreSQL tables; `TABLES`: who may do what with them; where it \
keeps documents, `INDEXES` and `COLLECTIONS`: the same for MongoDB | required |
| `definitions` | `build(settings)`: what Dagster sees | required |
| `migrations` | `versions/`: the Alembic revisions of its tables, a chain of its own | optional |
| `settings` | its class of settings, a `DomainSettings` | optional |
| `commands` | `app`: a Typer, mounted as `txplatform <domain>`; imports nothing heavy; where \
results can be stale, `run_stale(opened)`: computes those, returns the runs; `STARTS_SPARK`: \
whether it takes Spark, which is then begun early | optional |
| `api` | `router`, mounted under `/<domain>`; where it has them, `STATUSES`: HTTP status by class \
of error, and `gauges(platform)`: figures for Prometheus | optional |
| `pages` | `PAGES`: pages of the dashboard; `texts/en.toml`, `texts/fr.toml` | optional |
| `freshness` | `summary(platform)`: which of its periods are fresh, stale, missing | optional |
| `rehearsal` | `rehearse(session)`: what a first run of Spark would be the first to do | optional |
| `demo` | `demo(opened, folder, stages)`: sample data through the whole domain, returns a \
`Report` of `cli/demo.py`; where it has them, `VARIABLES`: settings that it runs with, and \
`IS_DEFAULT`: whether it is the one that is shown unasked | optional |

Beyond these a domain has the parts that its work needs, always under these names: `sources` (how
its data arrives), `transforms` (frames to frames, no I/O), `rules` (small functions that judge
rows, no I/O), `models` (what is fitted, no I/O), `measuring` (how much there is of each period),
`computation` (one computation), `planning` (which periods to compute), `publishing` (the one write
path), `alerting` (one computation of alerts), `trial` (what the rules find of planted abuses),
`decisions` (the one write path of people), `stream` (a streaming query), `assets` (which transform
fills which table), `checks` (business checks) and `queries` (the read side). What a part must not
import is a rule of `pyproject.toml`.
"""

from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from pkgutil import iter_modules
from types import ModuleType


def names() -> list[str]:
    """Names of the domain folders, sorted."""
    return sorted(module.name for module in iter_modules(__path__) if module.ispkg)


def slug(name: str) -> str:
    """A domain's name as commands and addresses write it."""
    return name.replace("_", "-")


def by_name(part: str) -> dict[str, ModuleType]:
    """The module `part` (such as `api`) of every domain that has one, by the domain's name."""
    modules = {name: f"{__name__}.{name}.{part}" for name in names()}
    return {name: import_module(path) for name, path in modules.items() if find_spec(path)}


def modules(part: str) -> Iterator[ModuleType]:
    """The module `part` of every domain that has one."""
    yield from by_name(part).values()


def folders(part: str) -> dict[str, Path]:
    """The folder `part` (such as `migrations`) of every domain that has one, by name."""
    parts = {name: Path(root) / name / part for root in __path__ for name in names()}
    return {name: folder for name, folder in parts.items() if folder.is_dir()}
