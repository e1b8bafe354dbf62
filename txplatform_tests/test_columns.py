"""Columns that tables of several domains have."""

from sqlalchemy import DateTime

from txplatform.columns import instant, stamps


def test_an_instant_has_a_zone_and_says_whether_it_must_be_there() -> None:
    must, may = instant("seen_at", "When."), instant("gone_at", "When.", is_optional=True)

    assert isinstance(must.type, DateTime)
    assert must.type.timezone
    assert (must.nullable, may.nullable, must.comment) == (False, True, "When.")


def test_each_table_has_stamps_of_its_own() -> None:
    first, second = stamps(), stamps()

    assert [column.name for column in first] == ["computed_at", "run_id"]
    assert not {id(column) for column in first} & {id(column) for column in second}
    assert not any(column.nullable for column in first)
