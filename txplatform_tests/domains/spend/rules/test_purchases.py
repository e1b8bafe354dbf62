"""The purchases as the rules see them: numbers for names, and the first day at a merchant."""

from datetime import date

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from txplatform.domains.spend.rules.purchases import KEYS, numbered
from txplatform_tests.domains.spend.rules.examples import Examples

NAMES = ("department", "division", "merchant_key", "buyer", "card")
name = st.none() | st.sampled_from(["", "A", "B", "AB", "1"])
rows = st.lists(st.fixed_dictionaries(dict.fromkeys(NAMES, name)), max_size=30)


@given(rows)
def test_numbers_are_equal_where_all_names_are(rows: list[dict[str, str | None]]) -> None:
    """Catches: two pairs of names that get one number, a number for what is unknown."""
    named = pa.Table.from_pylist(rows, pa.schema([(one, pa.string()) for one in NAMES]))

    found = numbered(named).to_pylist()

    for key, names in KEYS.items():
        pairs = {
            (tuple(row[n] for n in names), one[key]) for row, one in zip(rows, found, strict=True)
        }
        known = {(text, number) for text, number in pairs if None not in text}
        assert all(number is None for text, number in pairs - known)
        assert len(known) == len({text for text, _ in known}) == len({n for _, n in known})


def test_the_first_day_is_that_of_all_spellings(examples: Examples) -> None:
    """Catches: the first day of one spelling only, a first day of what has no name."""
    purchases = examples.purchases(
        """
        date       | merchant  | amount
        2026-11-16 | ACME      | 1.00
        2026-11-17 | acme.     | 1.00
        2026-11-18 | (unknown) | 1.00
        """
    )

    found = purchases.transactions.select("transaction_date", "is_first_day").collect()
    assert {row[0]: row[1] for row in found} == {
        date(2026, 11, 16): True,
        date(2026, 11, 17): False,
        date(2026, 11, 18): None,
    }
