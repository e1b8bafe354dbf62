"""What the settings of a domain are: a class of its own, with variables of its own.

A domain declares its class in `domains/<name>/settings.py`; `platform.settings.of(...)` gives them.
"""

from collections.abc import Iterable
from types import ModuleType

from txplatform.settings.reading import ReadSettings


class DomainSettings(ReadSettings):
    """Settings of one domain; read like all others, when the domain asks for them first.

    A subclass sets `model_config = SettingsConfigDict(env_prefix="TXPLATFORM_<NAME>_")`, gives each
    field a default and a description, and keeps what may hold a password, such as a server's
    address, as `SecretStr | None`: it is masked wherever a text leaves the process, may come from a
    file, and is not there for the demo.
    """


def declared(modules: Iterable[ModuleType]) -> dict[str, type[DomainSettings]]:
    """The class of settings of each domain, by its name, from the modules that declare them."""
    return {
        module.__name__.split(".")[-2]: found
        for module in modules
        for found in vars(module).values()
        if isinstance(found, type) and found.__module__ == module.__name__
        if issubclass(found, DomainSettings)
    }
