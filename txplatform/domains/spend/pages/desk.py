"""What every page is given: the installation, who looks at it, and the reader's language."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property

from sqlalchemy import Engine

from txplatform.domains.spend import planning, tables
from txplatform.domains.spend.pages import formats, texts
from txplatform.domains.spend.rules.catalogue import Rulebook
from txplatform.platform import Platform
from txplatform.settings.logins import Component

DECIDERS = ("controller", "admin")


@dataclass(frozen=True)
class Desk:
    """A reader's desk.

    Attributes:
        platform: the installation; its connections are shared by all readers.
        name: who signed in: whom a decision names.
        role: reader, controller or admin.
        locale: how numbers and dates are written, as Babel calls it.
        currency: the platform's one currency, where it is known.
    """

    platform: Platform
    name: str
    role: str
    locale: str
    currency: str | None

    @property
    def engine(self) -> Engine:
        """PostgreSQL."""
        return self.platform.engine

    @property
    def deciding(self) -> Engine:
        """PostgreSQL for what the reader decides."""
        return self.platform.acting(Component.DECIDE).engine

    @property
    def may_decide(self) -> bool:
        """Whether the role decides on alerts and signs weeks off."""
        return self.role in DECIDERS

    @property
    def language(self) -> str:
        """The language of the texts."""
        return texts.language_of(self.locale)

    @cached_property
    def open_week(self) -> date:
        """The Monday of the week that is not over."""
        return planning.open_week(self.platform)

    @cached_property
    def rulebook(self) -> Rulebook:
        """The alert rules of this installation."""
        return planning.rulebook(self.platform)

    def text(self, key: str, **values: object) -> str:
        """The text of a key in the reader's language."""
        return texts.text(self.language, key, **values)

    def help(self, column: str, table: str = tables.weekly_transactions.name) -> str:
        """The contract's sentence on a column."""
        return formats.as_text(texts.column_help(self.language, table, column))

    def money(self, amount: Decimal | None) -> str:
        """An amount in the platform's currency."""
        return formats.money(amount, self.locale, self.currency)

    def in_currency(self, label: str) -> str:
        """The title of an axis of amounts, with the currency where that is known."""
        return f"{label} ({self.currency})" if self.currency else label

    def whole(self, count: int | None) -> str:
        """A number of things."""
        return formats.whole(count, self.locale)

    def number(self, value: Decimal) -> str:
        """A decimal as it is."""
        return formats.number(value, self.locale)

    def difference(self, amount: Decimal) -> str:
        """An amount with its sign."""
        return ("+" if amount > 0 else "") + self.money(amount)

    def amount(self, value: Decimal | None) -> str:
        """An amount without its currency, where many stand below each other."""
        return formats.money(value, self.locale)

    def share(self, fraction: Decimal | None) -> str:
        """A fraction as per cent."""
        return formats.share(fraction, self.locale)

    def change(self, percent: Decimal | None) -> str:
        """A signed change in per cent."""
        return formats.change(percent, self.locale)

    def even_share(self, fraction: Decimal | None) -> str:
        """A fraction of six decimals as per cent, zeros at its end too."""
        return formats.even_share(fraction, self.locale)

    def even_change(self, percent: Decimal | None) -> str:
        """A signed change in per cent with its four decimals."""
        return formats.signed(percent, formats.even_share, self.locale)

    def day(self, value: date | None) -> str:
        """A day."""
        return formats.day(value, self.locale)

    def week(self, monday: date) -> str:
        """A calendar week."""
        return formats.week(monday, self.locale)

    def monday(self, monday: date) -> str:
        """A calendar week in short, by its number and its Monday."""
        return formats.monday(monday, self.locale)

    def span(self, length: timedelta) -> str:
        """How long something takes."""
        return formats.span(length, self.locale)

    def instant(self, moment: datetime | None) -> str:
        """A moment in the platform's time zone."""
        return formats.instant(moment, self.locale, self.platform.settings.time_zone)
