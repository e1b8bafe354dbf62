"""Who reads the pages of spend: rights, the currency, the open week, the rules in force."""

from datetime import date
from functools import cached_property

import streamlit as st
from sqlalchemy import Engine

from txplatform.domains.spend import planning, tables
from txplatform.domains.spend.queries.rulebook import rulebook
from txplatform.domains.spend.rules.catalogue import Rulebook
from txplatform.domains.spend.settings import SpendSettings
from txplatform.errors import PlatformError
from txplatform.platform import Platform
from txplatform.serving.dashboard.reader import Reader
from txplatform.settings.logins import Component

DECIDERS = ("controller", "admin")


class SpendReader(Reader):
    """A reader who may decide, and what the pages of spend know beforehand."""

    @classmethod
    def of(cls, reader: Reader) -> "SpendReader":
        """The same reader, on the pages of spend."""
        who = (reader.name, reader.role, reader.locale, reader.domain)
        return cls(reader.platform, *who, currency=_currency(reader.platform))

    @property
    def deciding(self) -> Engine:
        """PostgreSQL for what the reader decides."""
        return self.platform.acting(Component.DECIDE).engine

    @property
    def may_decide(self) -> bool:
        """Whether the role decides on alerts and signs weeks off."""
        return self.role in DECIDERS

    @cached_property
    def open_week(self) -> date:
        """The Monday of the week that is not over."""
        return planning.open_week(self.platform)

    def week(self, monday: date) -> str:
        """A calendar week; of one that is not over it says so."""
        return self.told_if_open(monday, super().week(monday))

    def told_if_open(self, monday: date, written: str) -> str:
        """What is written of a week, with "not over" behind that of the open one."""
        return f"{written} ({self.text('week.open')})" if monday >= self.open_week else written

    @cached_property
    def rulebook(self) -> Rulebook:
        """The alert rules of this installation."""
        return rulebook(self.platform)


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
