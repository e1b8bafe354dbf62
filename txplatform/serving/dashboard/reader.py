"""Who looks at a page, and how texts, numbers, days and amounts are written for that person."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Column, Engine

from txplatform.platform import Platform
from txplatform.serving.dashboard import formats, texts


@dataclass(frozen=True)
class Reader:
    """A reader of the pages of a domain, or of the shell's own.

    Attributes:
        platform: the installation; its connections are shared by all readers.
        name: who signed in.
        role: reader, controller or admin.
        locale: how numbers and dates are written, as Babel calls it.
        domain: whose texts are spoken; empty: the shell's.
        currency: of the domain's amounts, where it is known.
    """

    platform: Platform
    name: str
    role: str
    locale: str
    domain: str = ""
    currency: str | None = None

    @property
    def engine(self) -> Engine:
        """PostgreSQL."""
        return self.platform.engine

    @property
    def language(self) -> str:
        """The language of the texts."""
        return texts.language_of(self.locale)

    @property
    def texts(self) -> Mapping[str, str]:
        """Every text in the reader's language, the domain's before the shell's."""
        return texts.catalogue(self.language, self.domain)

    def text(self, key: str, **values: object) -> str:
        """The text of a key in the reader's language, its `{names}` filled in."""
        return self.texts[key].format(**values)

    def help(self, column: Column[Any]) -> str:
        """What a column means: its comment, in English, or the text `columns.<its name>`."""
        meaning = column.comment or ""
        if self.language != texts.LANGUAGES[0]:
            meaning = self.texts.get(f"columns.{column.name}", meaning)
        return formats.as_text(meaning)

    def money(self, amount: Decimal | None) -> str:
        """An amount in the domain's currency."""
        return formats.money(amount, self.locale, self.currency)

    def in_currency(self, label: str) -> str:
        """The title of an axis of amounts, with the currency where that is known."""
        return f"{label} ({self.currency})" if self.currency else label

    def whole(self, count: int | None) -> str:
        """A number of things."""
        return formats.whole(count, self.locale)

    def number(self, value: Decimal | None) -> str:
        """A decimal as it is."""
        return formats.number(value, self.locale)

    def decimals(self, value: Decimal | None, digits: int) -> str:
        """A decimal in a column: so many digits after the sign, zeros too."""
        return formats.decimals(value, digits, self.locale)

    def difference(self, amount: Decimal) -> str:
        """An amount with its sign."""
        return ("+" if amount > 0 else "") + self.money(amount)

    def amount(self, value: Decimal | None) -> str:
        """An amount without its currency, where many stand below each other."""
        return formats.money(value, self.locale)

    def share(self, fraction: Decimal | None) -> str:
        """A fraction as per cent, to a tenth."""
        return formats.share(fraction, self.locale)

    def change(self, percent: Decimal | None) -> str:
        """A signed change in per cent, to a tenth."""
        return formats.change(percent, self.locale)

    def exact_share(self, fraction: Decimal | None) -> str:
        """A fraction as per cent, every digit: for exports, help and small differences."""
        return formats.exact_share(fraction, self.locale)

    def exact_change(self, percent: Decimal | None) -> str:
        """A signed change in per cent, every digit."""
        return formats.exact_change(percent, self.locale)

    def even_share(self, fraction: Decimal | None) -> str:
        """A fraction as per cent in a column: its tenth even if that is zero."""
        return formats.even_share(fraction, self.locale)

    def even_change(self, percent: Decimal | None) -> str:
        """A signed change in per cent in a column."""
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
