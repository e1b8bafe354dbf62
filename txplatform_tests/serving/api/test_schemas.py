"""Models of answers from declared tables: types, meanings, units and examples."""

from sqlalchemy import Boolean, Column, Double, MetaData, Numeric, Table, Text

from txplatform.serving.api.schemas import model_of

days = Table(
    "days",
    MetaData(),
    Column("station", Text, nullable=False, comment="Its name."),
    Column("cost", Numeric(18, 2), nullable=False, comment="What it took."),
    Column("share", Numeric(18, 6), comment="A fraction."),
    Column("reading", Double, comment="In ug/m3."),
    Column("is_flagged", Boolean, nullable=False, comment="Whether it is doubtful."),
)


def test_a_column_is_a_field_with_its_meaning() -> None:
    known = {"station": "Lille"}
    schema = model_of("Day", days.c, known, unit_of_cents="In euros.").model_json_schema()
    fields = schema["properties"]

    assert (fields["station"]["type"], fields["station"]["examples"]) == ("string", ["Lille"])
    assert fields["cost"]["description"] == "What it took. In euros."
    assert fields["share"]["description"] == "A fraction."
    assert {one.get("type") for one in fields["reading"]["anyOf"]} == {"number", "null"}
    assert fields["is_flagged"]["type"] == "boolean"
    assert set(schema["required"]) == set(fields)
