"""Which lines are events: every rule, twice: by patterns (Spark) and by types (the check)."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from txplatform.domains.clickstream.sources import event, vocabulary
from txplatform.domains.clickstream.sources.event_log import Line
from txplatform.domains.clickstream.transforms import lines
from txplatform_tests.domains.clickstream.shop import FIELDS, NOON, milliseconds

ARRIVED = milliseconds(NOON)
GOOD = json.dumps(FIELDS)


def by_patterns(value: bytes) -> str | None:
    """The rule that Spark's parse finds."""
    return event.refusal(value, ARRIVED, "EUR")[0]


def by_types(value: bytes) -> str | None:
    """The rule that the check's parser finds."""
    try:
        lines.parsed(Line(0, 0, ARRIVED, value), "EUR")
    except lines.Refused as refused:
        return str(refused)
    return None


def changed(**changes: Any) -> bytes:
    return json.dumps({**FIELDS, **changes}).encode()


def without(name: str) -> bytes:
    return json.dumps({key: FIELDS[key] for key in FIELDS if key != name}).encode()


LINES: list[tuple[bytes, str | None]] = [
    (GOOD.encode(), None),
    (f" {GOOD} \n".encode(), None),
    (changed(extra={"nested": [1, 2]}), None),
    (changed(event_id=FIELDS["event_id"].upper()), None),
    (changed(amount="0"), None),
    (changed(amount="999999999.99"), None),
    (changed(event_time="2000-01-01T00:00:00.000Z"), None),
    (changed(event_time="2026-01-05T12:05:00.000Z"), None),
    (changed(customer_id="é" * 200), None),
    (b"", "NOT_JSON"),
    (b"[]", "NOT_JSON"),
    (b"null", "NOT_JSON"),
    (GOOD.replace('"', "'").encode(), "NOT_JSON"),
    (f"{GOOD}{GOOD}".encode(), "NOT_JSON"),
    (f"{GOOD} and more".encode(), "NOT_JSON"),
    (GOOD[:-1].encode(), "NOT_JSON"),
    (GOOD.replace('"10.00"', "NaN").encode(), "NOT_JSON"),
    (b"\xef\xbb\xbf" + GOOD.encode(), "NOT_JSON"),
    (b"[" * 5_000, "NOT_JSON"),
    (b'{"a": ' * 5_000, "NOT_JSON"),
    (GOOD.replace('"quantity": 1', '"quantity": ' + "9" * 5_000).encode(), "NOT_JSON"),
    (GOOD.replace("p-1", "p\n1").encode(), "NOT_JSON"),
    (b'{"schema_version": 2}', "NEWER_SCHEMA"),
    (changed(schema_version=2), "NEWER_SCHEMA"),
    (changed(schema_version="1"), "NEWER_SCHEMA"),
    (changed(schema_version=True), "NEWER_SCHEMA"),
    (changed(schema_version=1.0), "NEWER_SCHEMA"),
    (changed(customer_id=None), "MISSING_FIELD"),
    *((without(name), "MISSING_FIELD") for name in vocabulary.FIELDS),
    (changed(event_id="1"), "BAD_ID"),
    (changed(event_id=1), "BAD_ID"),
    (changed(event_id=FIELDS["event_id"] + "\n"), "BAD_ID"),
    (changed(event_id="{" + FIELDS["event_id"] + "}"), "BAD_ID"),
    (changed(event_id=FIELDS["event_id"].replace("-", "")), "BAD_ID"),
    (changed(type="wish"), "BAD_TYPE"),
    (changed(type=["view"]), "BAD_TYPE"),
    (changed(amount=10), "BAD_AMOUNT"),
    (changed(amount="10.000"), "BAD_AMOUNT"),
    (changed(amount="-1.00"), "BAD_AMOUNT"),
    (changed(amount="1e3"), "BAD_AMOUNT"),
    (changed(amount="1_000"), "BAD_AMOUNT"),
    (changed(amount="10."), "BAD_AMOUNT"),
    (changed(amount=".5"), "BAD_AMOUNT"),
    (changed(amount=""), "BAD_AMOUNT"),
    (changed(amount="NaN"), "BAD_AMOUNT"),
    (changed(amount="10.00\n"), "BAD_AMOUNT"),
    (changed(amount="١٠"), "BAD_AMOUNT"),
    (changed(amount="1000000000"), "BAD_AMOUNT"),
    (changed(quantity=0), "BAD_AMOUNT"),
    (changed(quantity=1.0), "BAD_AMOUNT"),
    (changed(quantity=True), "BAD_AMOUNT"),
    (changed(quantity=1_000_001), "BAD_AMOUNT"),
    (changed(currency="USD"), "BAD_AMOUNT"),
    (changed(event_time="0000-01-01T00:00:00.000Z"), "BAD_TIME"),
    (changed(event_time="1999-12-31T23:59:59.999Z"), "BAD_TIME"),
    (changed(event_time="2101-01-01T00:00:00.000Z"), "BAD_TIME"),
    (changed(event_time="2026-02-30T00:00:00.000Z"), "BAD_TIME"),
    (changed(event_time="2026-01-05T12:00:00Z"), "BAD_TIME"),
    (changed(event_time="2026-01-05T12:00:00.000+01:00"), "BAD_TIME"),
    (changed(event_time="2026-01-05T12:00:60.000Z"), "BAD_TIME"),
    (changed(event_time="2026-01-05T12:00:00.000Z\n"), "BAD_TIME"),
    (changed(event_time="2026-01-05T12:00:00.0٠0Z"), "BAD_TIME"),
    (changed(event_time=1767614400), "BAD_TIME"),
    (GOOD.replace("p-1", "p\xff").encode("latin-1"), "BAD_TEXT"),
    (changed(product_id="p\x00"), "BAD_TEXT"),
    (changed(product_id="p\ud800"), "BAD_TEXT"),
    (changed(product_id="p" * 201), "BAD_TEXT"),
    (changed(product_id=""), "BAD_TEXT"),
    (changed(session_id=7), "BAD_TEXT"),
    (changed(country="fr"), "BAD_TEXT"),
    (changed(country="XX"), "BAD_TEXT"),
    (changed(country=["FR"]), "BAD_TEXT"),
    (GOOD.replace('"quantity": 1', '"quantity": 1, "quantity": 0').encode(), "BAD_AMOUNT"),
    (GOOD.replace('"quantity": 1', '"quantity": 1e400').encode(), "BAD_AMOUNT"),
    (GOOD.replace('"10.00"', "-Infinity").encode(), "NOT_JSON"),
    (changed(extra="x" * 1_500_000, type="wish"), "BAD_TYPE"),
    (changed(event_time="2026-01-05T12:05:00.001Z"), "FUTURE"),
    (changed(event_time="2099-12-31T00:00:00.000Z"), "FUTURE"),
]


@pytest.mark.parametrize(("value", "rule"), LINES)
def test_a_line_is_an_event_or_names_its_rule(value: bytes, rule: str | None) -> None:
    assert by_patterns(value) == rule
    assert by_types(value) == rule


def test_every_rule_is_among_the_lines() -> None:
    assert {rule for _, rule in LINES if rule} == set(vocabulary.RULES)


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30)


@given(st.dictionaries(st.sampled_from(vocabulary.FIELDS), SCALARS, max_size=3))
def test_both_parsers_agree_on_anything(changes: dict[str, Any]) -> None:
    value = json.dumps({**FIELDS, **changes}).encode()

    assert by_patterns(value) == by_types(value)


@given(st.binary(max_size=40) | st.text(max_size=40).map(str.encode))
def test_both_parsers_agree_on_any_bytes(value: bytes) -> None:
    assert by_patterns(value) == by_types(value)


def test_a_refused_line_is_kept_as_text_that_a_database_takes() -> None:
    assert event.shown(b"\xff\x00\xc3\xa9") == "\\xff\\x00é"
    assert event.shown(b"x" * 4_000) == "x" * 4_000
    assert event.shown(b"x" * 4_001) == "x" * 4_000 + "... (4,001 bytes)"


def test_columns_hold_events_and_refusals_side_by_side() -> None:
    batch = event.columns(
        [Line(2, 7, ARRIVED, GOOD.encode()), Line(2, 8, ARRIVED, b"nothing")], "EUR"
    )

    good, bad = batch.to_pylist()
    assert (good["offset"], good["rule"], good["amount"]) == (7, None, "10.00")
    assert good["event_time"] == NOON
    assert (bad["offset"], bad["rule"], bad["raw"]) == (8, "NOT_JSON", "nothing")
    assert bad["event_id"] is None
