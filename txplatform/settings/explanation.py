"""Every setting with its value, where that came from, and what it does; secrets are masked."""

from collections.abc import Iterator
from typing import NamedTuple

from txplatform.settings.addresses import without_credentials
from txplatform.settings.environment import origin, variables
from txplatform.settings.reading import ReadSettings, variable_of
from txplatform.settings.secret_files import SUFFIX


class Setting(NamedTuple):
    """One line of `txplatform doctor --settings`."""

    variable: str
    value: str
    origin: str
    description: str


def explain(settings: ReadSettings) -> Iterator[Setting]:
    """The settings of the machine, or those of one domain, in the order of their fields."""
    for field, info in type(settings).model_fields.items():
        variable = variable_of(type(settings), field)
        value = getattr(settings, field)
        shown = "" if value is None else without_credentials(str(value))
        file = variables().get(f"{variable}{SUFFIX}")
        yield Setting(variable, shown, file or origin(variable), info.description or "")
