"""The option `--domain` of the verbs that span domains, and the parts that it chooses."""

from types import ModuleType
from typing import Annotated

import typer

from txplatform import domains
from txplatform.errors import UsageError

ALL = "all"

Domain = Annotated[
    str, typer.Option("--domain", metavar="NAME", help="One domain, or all of them.")
]


def parts(part: str, wanted: str = ALL) -> dict[str, ModuleType]:
    """The part of the domains that are wanted and have it, by the domain's name.

    Raises:
        UsageError: there is no such domain, or it has no such part.
    """
    found = domains.by_name(part)
    if wanted == ALL:
        return found
    name = wanted.replace("-", "_")
    if name not in found:
        known = ", ".join(map(domains.slug, found))
        raise UsageError(f"There is no domain {wanted!r} here: say one of {known}, or {ALL}.")
    return {name: found[name]}
