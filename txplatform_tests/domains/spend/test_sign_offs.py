"""Signing weeks off: the totals of that moment, and what changed since."""

import threading
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import Engine

from txplatform.domains.spend import decisions, publishing
from txplatform.domains.spend.decisions import ConflictError, SignOff
from txplatform.domains.spend.measuring import NO_DOCUMENTS, WeekMeasure
from txplatform.domains.spend.queries.signed import (
    SignedWeek,
    changes_since_signed,
    signed_weeks,
)
from txplatform.domains.spend.transforms import CODE_VERSION
from txplatform.errors import UsageError
from txplatform.periods import WEEK
from txplatform_tests.domains.spend.text_tables import assert_rows
from txplatform_tests.domains.spend.weekly_tables import computed_weeks

MONDAY = date(2026, 11, 9)
OPEN_WEEK = MONDAY + 2 * WEEK
ROWS = "week_start | department | division | total_amount | transaction_count"
FIRST = f"{MONDAY} | Roads | Bridges | 100.10 | 2\n{MONDAY} | Parks | Ponds | 5.00 | 1"


def compute(desk: Engine, rows: str, fingerprint: str = "a") -> None:
    """Publish the week with these rows, from documents with this fingerprint."""
    arrive(desk, fingerprint)
    inputs = {"fingerprint": fingerprint, "previous_fingerprint": NO_DOCUMENTS}
    weeks = computed_weeks(f"{ROWS}\n{rows}", code_version=CODE_VERSION, **inputs)
    publishing.publish(desk, weeks, "a run")


def arrive(desk: Engine, fingerprint: str) -> None:
    """Documents come into the week."""
    publishing.record_measures(desk, [WeekMeasure(MONDAY, 3, Decimal("105.10"), fingerprint)])


def sign(desk: Engine, by: str = "Ada", note: str | None = None) -> SignOff:
    """Sign the week off."""
    return decisions.sign_off(desk, MONDAY, by, OPEN_WEEK, note)


def signed(desk: Engine) -> SignedWeek:
    """The one week that was signed off."""
    [found] = signed_weeks(desk)
    return found


def test_a_sign_off_keeps_the_totals_of_its_moment(desk: Engine) -> None:
    compute(desk, FIRST)

    done = sign(desk, note=" the splits are being asked about ")

    assert done[:7] == (
        MONDAY, Decimal("105.10"), 3, 2, "a", "the splits are being asked about", "Ada",
    )  # fmt: skip
    assert done.signed_at.utcoffset() is not None


def test_a_signed_week_that_did_not_change_stands(desk: Engine) -> None:
    compute(desk, FIRST)
    sign(desk)

    compute(desk, FIRST)  # computing again gives the same

    assert not signed(desk).is_changed
    assert signed(desk).sentence.endswith("and stands.")
    assert changes_since_signed(desk, MONDAY).num_rows == 0


def test_a_later_change_is_a_difference(desk: Engine) -> None:
    compute(desk, FIRST)
    sign(desk)

    compute(
        desk, f"{MONDAY} | Roads | Bridges | 101.00 | 3\n{MONDAY} | Roads | Signs | 1.00 | 1", "b"
    )

    assert signed(desk).is_changed
    assert signed(desk).difference == Decimal("-3.10")
    assert "with 105.10 in 3 purchases and now has 102.00 in 4: -3.10." in signed(desk).sentence
    assert_rows(
        changes_since_signed(desk, MONDAY),
        """
        department | division | signed_amount | amount | difference
        Parks      | Ponds    | 5.00          |        | -5.00
        Roads      | Bridges  | 100.10        | 101.00 | 0.90
        Roads      | Signs    |               | 1.00   | 1.00
        """,
    )


def test_other_purchases_of_the_same_amount_are_a_change_too(desk: Engine) -> None:
    """Catches: a correction of the merchant that no total shows."""
    compute(desk, FIRST)
    sign(desk)

    compute(desk, FIRST, "b")

    assert (signed(desk).is_changed, signed(desk).difference) == (True, Decimal("0.00"))


def test_a_week_that_became_empty_is_a_change(desk: Engine) -> None:
    compute(desk, FIRST)
    sign(desk)
    with desk.begin() as connection:
        connection.exec_driver_sql("DELETE FROM weekly_transactions")

    assert (signed(desk).is_changed, signed(desk).difference) == (True, Decimal("-105.10"))


def test_signed_again_after_a_change_it_stands(desk: Engine) -> None:
    compute(desk, FIRST)
    sign(desk)
    compute(desk, FIRST, "b")

    sign(desk, "Grace")

    assert (signed(desk).signed_by, signed(desk).is_changed) == ("Grace", False)


def test_a_second_sign_off_of_the_same_totals_is_a_conflict(desk: Engine) -> None:
    compute(desk, FIRST)
    sign(desk)

    with pytest.raises(ConflictError, match=f"Ada signed the week {MONDAY} off on 20.*same totals"):
        sign(desk, "Grace")


def test_of_two_who_sign_at_once_one_is_told(desk: Engine) -> None:
    compute(desk, FIRST)
    start, told = threading.Barrier(2), list[str]()

    def act(by: str) -> None:
        start.wait()
        try:
            sign(desk, by)
        except ConflictError as refusal:
            told.append(str(refusal))

    threads = [threading.Thread(target=act, args=(by,)) for by in ("Ada", "Grace")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(told) == 1
    assert told[0].startswith(signed(desk).signed_by)


def test_a_stale_week_is_not_signed_off(desk: Engine) -> None:
    compute(desk, FIRST)
    arrive(desk, "later")

    with pytest.raises(UsageError, match=rf"{MONDAY} is stale: .* spend run --week {MONDAY}"):
        sign(desk)


def test_a_week_that_was_never_computed_is_not_signed_off(desk: Engine) -> None:
    with pytest.raises(UsageError, match="is missing: it never was computed"):
        sign(desk)


def test_the_open_week_is_not_signed_off(desk: Engine) -> None:
    compute(desk, FIRST)

    with pytest.raises(UsageError, match=f"The week {MONDAY} is not over"):
        decisions.sign_off(desk, MONDAY, "Ada", MONDAY, None)


@pytest.mark.parametrize("by", ["", " \n"])
def test_whoever_signs_has_a_name(desk: Engine, by: str) -> None:
    with pytest.raises(UsageError, match="whoever signs is missing"):
        sign(desk, by)


def test_weeks_bound_the_list_and_unsigned_weeks_have_no_changes(desk: Engine) -> None:
    compute(desk, FIRST)
    sign(desk)

    assert signed_weeks(desk, MONDAY + WEEK) == []
    assert signed_weeks(desk, None, MONDAY - WEEK) == []
    assert len(signed_weeks(desk, MONDAY, MONDAY)) == 1
    assert changes_since_signed(desk, MONDAY + WEEK).num_rows == 0
