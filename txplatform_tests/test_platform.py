"""The platform's connections: what is read from which member, and what is written durably."""

import pytest
from pymongo.read_preferences import Primary, SecondaryPreferred

from txplatform.platform import Platform


@pytest.mark.parametrize(
    ("setting", "preference"),
    [("primary", Primary()), ("secondaryPreferred", SecondaryPreferred())],
)
def test_sums_are_read_from_the_members_that_the_setting_names(
    platform: Platform, setting: str, preference: object
) -> None:
    """The driver tells it a replica set only, so the database itself is looked at."""
    platform.settings = platform.settings.model_copy(update={"mongo_read_preference": setting})

    assert platform.reading.read_preference == preference
    assert platform.reading.name == platform.database.name


def test_what_an_ingestion_asks_and_writes_goes_to_the_primary_durably(platform: Platform) -> None:
    update = {"mongo_read_preference": "secondary"}
    platform.settings = platform.settings.model_copy(update=update)

    assert platform.database.read_preference == Primary()
    assert platform.database.write_concern.document == {"w": "majority", "j": True}
