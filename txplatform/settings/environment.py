"""The environment of this process: the only module that reads and changes it.

Settings come from it and from a `.env` file in the working directory, which says what the
environment does not. Nothing is read at import time.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from pydantic_settings import BaseSettings, DotEnvSettingsSource

ENV_FILE = ".env"


def variables() -> dict[str, str]:
    """What the environment says, and what the .env file says besides."""
    return {**from_file(), **os.environ}


def from_file() -> dict[str, str]:
    """What the .env file says, by names in capitals."""
    found = DotEnvSettingsSource(BaseSettings, env_file=ENV_FILE).env_vars
    return {name.upper(): value or "" for name, value in found.items()}


def origin(name: str) -> str:
    """Where a variable's value comes from: the environment, the .env file or the default."""
    if name in os.environ:
        return "environment"
    return ENV_FILE if name in from_file() else "default"


def variable(name: str) -> str | None:
    """A variable by which somebody tells a library of ours something (libpq's PGSSLMODE)."""
    return os.environ.get(name) or None


def export(**values: str) -> None:
    """Set variables of this process that libraries read (Spark's launcher, Dagster's config)."""
    os.environ.update(values)


@contextmanager
def exported(**values: str | None) -> Iterator[None]:
    """`export` for as long as a library looks, then the environment is as it was.

    A variable that is None is not there meanwhile, not even empty.
    """
    before = {name: os.environ.get(name) for name in values}
    _set(values)
    try:
        yield
    finally:
        _set(before)


def _set(values: Mapping[str, str | None]) -> None:
    for name, value in values.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


def child_environment(**values: str) -> Mapping[str, str]:
    """This process's environment with `values` added, for the servers that it starts.

    Neither these nor what they start (Dagster's code server) import from the working folder.
    """
    return {**os.environ, "PYTHONSAFEPATH": "1", **values}
