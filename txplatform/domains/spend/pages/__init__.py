"""The controllers' dashboard: what each page is called and shows. Streamlit draws it.

A page is a function of a `Desk` (the installation and who looks) and a `View` (what the address
says); the shell in `serving/` finds `PAGES`, signs people in and puts both into a page's hands.
"""

from collections.abc import Callable
from typing import NamedTuple

import streamlit as st

from txplatform.domains.spend import tables
from txplatform.domains.spend.pages import alerts, case, departments, health, overview, why
from txplatform.domains.spend.pages.desk import Desk
from txplatform.domains.spend.pages.view import View
from txplatform.domains.spend.settings import SpendSettings
from txplatform.errors import PlatformError
from txplatform.platform import Platform


class Page(NamedTuple):
    """A page: its path in the address, the key of its title, an icon, and what shows it."""

    path: str
    title: str
    icon: str
    show: Callable[[Desk, View], None]
    is_in_menu: bool = True


PAGES = (
    Page("", "overview.title", ":material/monitoring:", overview.show),
    Page("departments", "departments.title", ":material/account_tree:", departments.show),
    Page("alerts", "alerts.title", ":material/notification_important:", alerts.show),
    Page("case", "case.title", ":material/folder_open:", case.show, is_in_menu=False),
    Page("why", "why.title", ":material/search:", why.show),
    Page("health", "health.title", ":material/health_and_safety:", health.show),
)
"""In the order of the menu; the first is the one without a path.

A case is a page of its own, so that the menu leads from it to the inbox."""


def open_desk(platform: Platform, name: str, role: str, locale: str) -> Desk:
    """The desk of a reader; see `Desk` for the parameters."""
    return Desk(platform, name, role, locale, _currency(platform))


@st.cache_data(
    ttl=300, show_spinner=False, hash_funcs={Platform: lambda one: one.settings.mongo_database}
)
def _currency(platform: Platform) -> str | None:
    """The platform's one currency: the one recorded, else the setting's."""
    try:
        known = platform.database[tables.PLATFORM].find_one({"_id": "currency"})
    except PlatformError:
        known = None  # the figures come from PostgreSQL and are shown without MongoDB too
    return str(known["code"]) if known else platform.settings.of(SpendSettings).currency
