"""Identity: the same purchase has the same id anywhere, and twins of one file are told apart."""

from collections import Counter, defaultdict
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from txplatform.domains.spend.sources.identity import (
    ContentIds,
    Occurrences,
    SourceIds,
    canonical_text,
    content_digest,
    fingerprint,
    id_of_occurrence,
)
from txplatform.domains.spend.sources.records import Purchase

SHELL = Purchase(
    department="Roads",
    division="North",
    merchant="Shell",
    category="Fuel",
    transaction_date=date(2026, 11, 16),
    cents=528,
    fiscal_year=2026,
    fiscal_period=11,
    card=None,
    id=None,
)


def ids(*purchases: Purchase) -> list[str]:
    """The ids of the purchases of one file."""
    return [found.id for found in ContentIds()(purchases, [])]


def test_an_id_is_32_hex_digits_and_never_changes() -> None:
    # Documents that are in databases already carry these: another value would load them twice.
    assert ids(SHELL, SHELL, SHELL._replace(cents=-528)) == [
        "9182506ad6f17879fe7af571c20bf31f",
        "3a1eb3874782f48dc59525360a48a902",
        "5c3a583cfbcfacb5fef58bf7a515c64b",
    ]


def test_twins_of_one_file_are_two_and_the_same_two_in_another_file() -> None:
    first, second = ids(SHELL, SHELL)

    assert first != second
    assert ids(SHELL, SHELL) == [first, second]
    assert ids(SHELL) == [first]


def test_the_order_of_other_rows_does_not_matter() -> None:
    other = SHELL._replace(merchant="BP")

    assert set(ids(SHELL, other, SHELL)) == set(ids(SHELL, SHELL, other))


@pytest.mark.parametrize("field", [name for name in Purchase._fields if name != "id"])
def test_every_canonical_field_counts(field: str) -> None:
    value = getattr(SHELL, field)
    other = value.replace(day=17) if isinstance(value, date) else f"{value}1"

    changed = Purchase(**{**SHELL._asdict(), field: other})

    assert ids(changed) != ids(SHELL)
    assert fingerprint("x", canonical_text(changed)) != fingerprint("x", canonical_text(SHELL))


def test_fields_do_not_run_into_each_other() -> None:
    one = SHELL._replace(department="Roads North", division="Shell", merchant="")
    other = SHELL._replace(department="Roads", division="North Shell", merchant="")

    assert canonical_text(one) != canonical_text(other)


def test_an_unknown_period_is_not_the_period_none() -> None:
    unknown, text = SHELL._replace(fiscal_year=None), SHELL._replace(fiscal_year="None")

    assert ids(unknown) != ids(text)


def test_a_purchase_with_an_id_is_readable() -> None:
    (found,) = SourceIds("toronto")([SHELL._replace(id="1273-110")], [])

    assert found.id == "toronto:1273-110"


def test_a_fingerprint_has_40_bits_and_depends_on_the_identity_too() -> None:
    text = canonical_text(SHELL)
    prints = {fingerprint(str(n), text) for n in range(1_000)}

    assert len(prints) == 1_000
    assert max(prints) < 2**40
    assert max(prints) > 2**39


def test_no_rows_have_no_numbers() -> None:
    occurrences = Occurrences()

    assert occurrences.number([]) == []
    assert occurrences.holds([]) == []


@given(st.lists(st.lists(st.integers(0, 12), max_size=20), max_size=12))
def test_occurrences_are_numbered_across_batches(batches: list[list[int]]) -> None:
    occurrences, expected = Occurrences(), Counter[int]()

    for batch in batches:
        digests = [content_digest(str(value)) for value in batch]
        for value, number in zip(batch, occurrences.number(digests), strict=True):
            expected[value] += 1
            assert number == expected[value]

    assert occurrences.holds([content_digest(str(value)) for value in range(13)]) == [
        value in expected for value in range(13)
    ]


def test_a_million_rows_take_a_few_bytes_each() -> None:
    occurrences = Occurrences()
    batch = 50_000
    for start in range(0, 1_000_000, batch):
        numbers = [n.to_bytes(16, "little") for n in range(start, start + batch)]
        assert set(occurrences.number(numbers)) == {1}

    assert occurrences.number([n.to_bytes(16, "little") for n in (5, 999_999)]) == [2, 2]
    assert occurrences.memory_bytes() < 25_000_000


def test_ids_of_occurrences_are_all_different() -> None:
    digest = content_digest("x")
    found = defaultdict(list)
    for number in range(1, 1_000):
        found[id_of_occurrence(digest, number)].append(number)

    assert all(len(numbers) == 1 for numbers in found.values())
    assert found[digest.hex()] == [1]
