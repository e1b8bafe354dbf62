"""Which columns of a row hold its amount, and in which currency."""

from collections.abc import Sequence
from decimal import Decimal
from functools import partial

from txplatform.connectors.files import Cell, normal
from txplatform.domains.spend.sources.columns import (
    HeaderColumns,
    first_not_blank,
    is_blank,
)
from txplatform.domains.spend.sources.layouts import Layout
from txplatform.domains.spend.sources.parsing import (
    NO_VALUES,
    NumberSigns,
    Refusal,
    read_amount,
    read_text,
)
from txplatform.domains.spend.sources.remembering import Remembering

SIGN_EMPTY = Refusal("SIGN_EMPTY", "nothing says whether the amount is a debit or a credit")
AMOUNT_TWICE = Refusal("AMOUNT_TWICE", "more than one of the amount's columns is filled")


class AmountReader:
    """Reads a row's amount in cents of the platform's currency."""

    def __init__(
        self, layout: Layout, columns: HeaderColumns, currency: str, largest: Decimal
    ) -> None:
        """Find the columns; `currency` and the `largest` amount are the platform's.

        Raises:
            SourceError: the header lacks a column.
        """
        self._layout_currency = layout.currency
        self._currency = currency
        signs = layout.signs._replace(currency=currency)
        self._largest = largest
        self._amounts = Remembering(partial(self._within, signs))
        self._positions = columns.positions(layout.columns.amount, is_required=True)
        self._negated = {columns.index(name) for name in layout.negate}
        self._first = first_not_blank(self._positions)
        self._row_currency = columns.single(layout.currency_column)
        self._converted = columns.single(layout.converted_amount_column)
        self._sign = columns.single(layout.sign_column)
        self._credits = {normal(value) for value in layout.credit_values}

    def read(self, cells: Sequence[Cell]) -> int | Refusal:
        """The amount in cents, or why there is none."""
        amount = self._unsigned(cells)
        if self._sign is None or isinstance(amount, Refusal):
            return amount
        sign = read_text(self._sign(cells))
        if not sign:
            return SIGN_EMPTY
        return NO_VALUES.get(sign) or (-amount if normal(sign) in self._credits else amount)

    def _unsigned(self, cells: Sequence[Cell]) -> int | Refusal:
        written = self._layout_currency
        if self._row_currency:
            written = read_text(self._row_currency(cells)).upper() or written
            if written in NO_VALUES:
                return NO_VALUES[written]
        if written == self._currency:
            return self._two_sided(cells) if self._negated else self._amounts[self._first(cells)]
        if self._converted and self._layout_currency == self._currency:
            return self._amounts[self._converted(cells)]
        return Refusal("CURRENCY", f"the amount is in {written:.10}, not {self._currency}")

    def _within(self, signs: NumberSigns, cell: Cell) -> int | Refusal:
        cents = read_amount(cell, signs)
        if isinstance(cents, Refusal) or abs(cents) <= self._largest * 100:
            return cents
        return Refusal("AMOUNT_RANGE", f"{cell!s:.40} is more than {self._largest:,}")

    def _two_sided(self, cells: Sequence[Cell]) -> int | Refusal:
        """Debits and credits in columns of their own: one is filled, the other blank or zero."""
        filled = [at for at in self._positions if not is_blank(cells[at])]
        counted = [at for at in filled if self._amounts[cells[at]] != 0] or filled[:1]
        if len(counted) != 1:
            return AMOUNT_TWICE if counted else self._amounts[None]
        amount = self._amounts[cells[counted[0]]]
        is_negated = counted[0] in self._negated
        return -amount if is_negated and isinstance(amount, int) else amount
