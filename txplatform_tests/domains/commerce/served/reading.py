"""Numbers of a page, as a reader reads them."""

from decimal import Decimal


def amount(written: str) -> Decimal:
    """A number as a page writes it, with or without the shop's currency."""
    return Decimal(written.replace(",", "").replace("£", ""))


def amounts(column: list[str]) -> list[Decimal]:
    """A column of numbers."""
    return [amount(cell) for cell in column]
