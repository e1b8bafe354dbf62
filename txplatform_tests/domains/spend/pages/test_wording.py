"""Reasons in words: which change moved a net total most, and percentages as the contract rounds."""

from decimal import Decimal

import pytest

from txplatform.domains.spend.pages import wording
from txplatform.domains.spend.pages.reader import SpendReader
from txplatform.domains.spend.queries.trends import NOTHING, Movement, Sums
from txplatform.platform import Platform


@pytest.fixture
def reader(platform: Platform) -> SpendReader:
    """An English reader in euros."""
    return SpendReader(platform, "Ada", "reader", "en_US", "spend", "EUR")


def sums(total: str, refunds: str, count: int) -> Sums:
    """Sums of a division."""
    return Sums(Decimal(total), Decimal(refunds), count)


@pytest.mark.parametrize(
    ("before", "now", "reason"),
    [
        (("100.00", "0", 10), ("200.00", "0", 20), "More purchases: 20 instead of 10"),
        (("200.00", "0", 20), ("100.00", "0", 10), "Fewer purchases: 10 instead of 20"),
        (
            ("100.00", "0", 10),
            ("200.00", "0", 10),
            "Dearer purchases: €20.00 on average instead of €10.00",
        ),
        (
            ("100.00", "0", 3),
            ("50.00", "0", 3),
            "Cheaper purchases: €16.67 on average instead of €33.33",
        ),
        (
            ("100.00", "0.00", 10),
            ("20.00", "-80.00", 10),
            "Refunds of -€80.00 instead of €0.00",
        ),
    ],
)
def test_the_largest_change_is_the_reason(
    reader: SpendReader, before: tuple[str, str, int], now: tuple[str, str, int], reason: str
) -> None:
    movement = Movement("Roads", "Bridges", sums(*now), sums(*before))

    assert wording.reason(reader, movement) == reason


def test_who_was_not_there_before_or_is_not_any_more(reader: SpendReader) -> None:
    bought = sums("10.00", "0.00", 2)

    new = wording.reason(reader, Movement("Roads", "Bridges", bought, NOTHING))
    gone = wording.reason(reader, Movement("Roads", "Bridges", NOTHING, bought))

    assert new == "First purchases: 2, none before"
    assert gone == "No purchase any more; 2 before"


@pytest.mark.parametrize(
    ("now", "before", "change"),
    [
        ("150.00", "100.00", "50.0000"),
        ("50.00", "100.00", "-50.0000"),
        ("0.01", "3.00", "-99.6667"),
        ("1.00", "0.00", None),
        ("1.00", "-5.00", None),
        ("1000000000000.01", "0.01", "10000000000000000.0000"),
    ],
)
def test_a_change_is_signed_exact_and_empty_where_nothing_was_before(
    now: str, before: str, change: str | None
) -> None:
    found = wording.change_pct(Decimal(now), Decimal(before))

    assert (None if found is None else f"{found:f}") == change


def test_a_share_is_rounded_half_up_once() -> None:
    assert wording.fraction(Decimal("0.01"), Decimal("80000.00")) == Decimal("0.000000")
    assert wording.fraction(Decimal("0.04"), Decimal("80000.00")) == Decimal("0.000001")
    assert wording.fraction(Decimal("-1.00"), Decimal("3.00")) == Decimal("-0.333333")
