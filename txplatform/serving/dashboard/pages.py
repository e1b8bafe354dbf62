"""The pages of all domains, and the address of each.

A page is a function of a `Reader` (who looks, and how it is written for them) and a `View` (what
the address says).
"""

from collections.abc import Callable
from typing import NamedTuple

from txplatform import domains
from txplatform.serving.dashboard.links import address
from txplatform.serving.dashboard.query_parameters import View
from txplatform.serving.dashboard.reader import Reader


class Page(NamedTuple):
    """A page: its path in its domain, the key of its title, an icon, and what shows it.

    The path `""` is that of the domain's first page.
    """

    path: str
    title: str
    icon: str
    show: Callable[[Reader, View], None]
    is_in_menu: bool = True


def pages_of_domains() -> dict[str, tuple[Page, ...]]:
    """The pages of every domain that has some, by its name."""
    return {name: module.PAGES for name, module in domains.by_name("pages").items()}


def addresses() -> set[str]:
    """The address of every page, without its slash."""
    known = pages_of_domains().items()
    return {address(name, page.path) for name, pages in known for page in pages}
