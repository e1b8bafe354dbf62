"""The settings of commerce: defaults, variables, and what cannot be used."""

from pathlib import Path

import pytest

from txplatform.domains.commerce.publishing.lake import open_lake
from txplatform.domains.commerce.settings import CommerceSettings
from txplatform.errors import SettingsError
from txplatform.settings import load_settings, no_servers

DEFAULTS: dict[str, object] = {
    "engine": "duckdb",
    "layout": "clients_achats",
    "drop_folder": None,
    "first_day": None,
    "price_limits": (100, 250, 500),
    "least_support_pct": 1,
    "severities": {},
    "people_key": None,
    "kept_versions": 5,
    "is_schedule_on": False,
}


@pytest.mark.parametrize(("field", "value"), DEFAULTS.items())
def test_defaults(field: str, value: object) -> None:
    assert getattr(load_settings().of(CommerceSettings), field) == value


@pytest.mark.parametrize(
    ("variable", "text", "field", "value"),
    [
        ("TXPLATFORM_COMMERCE_ENGINE", "spark", "engine", "spark"),
        (
            "TXPLATFORM_COMMERCE_SEVERITIES",
            '{"ORPHAN": "error"}',
            "severities",
            {"ORPHAN": "error"},
        ),
        ("TXPLATFORM_COMMERCE_PRICE_LIMITS", "[10, 20]", "price_limits", (10, 20)),
        ("TXPLATFORM_COMMERCE_KEPT_VERSIONS", "9", "kept_versions", 9),
        ("TXPLATFORM_COMMERCE_IS_SCHEDULE_ON", "true", "is_schedule_on", True),
    ],
)
def test_variables(
    variable: str, text: str, field: str, value: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, text)

    assert getattr(load_settings().of(CommerceSettings), field) == value


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("TXPLATFORM_COMMERCE_ENGINE", "polars"),
        ("TXPLATFORM_COMMERCE_LEAST_SUPPORT_PCT", "0"),
        ("TXPLATFORM_COMMERCE_KEPT_VERSIONS", "0"),
        ("TXPLATFORM_COMMERCE_FIRST_DAY", "soon"),
        ("TXPLATFORM_COMMERCE_PRICE_LIMITS", "[]"),
        ("TXPLATFORM_COMMERCE_PRICE_LIMITS", "[500, 100]"),
        ("TXPLATFORM_COMMERCE_PRICE_LIMITS", "[100, 100]"),
        ("TXPLATFORM_COMMERCE_PRICE_LIMITS", "[0, 100]"),
        ("TXPLATFORM_COMMERCE_SEVERITIES", '{"ORPHANS": "error"}'),
        ("TXPLATFORM_COMMERCE_SEVERITIES", '{"ORPHAN": "bad"}'),
    ],
)
def test_what_cannot_be_used_names_its_variable(
    variable: str, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, text)

    with pytest.raises(SettingsError, match=variable):
        load_settings().of(CommerceSettings)


def test_a_rule_that_there_is_not_is_told_with_those_that_there_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TXPLATFORM_COMMERCE_SEVERITIES", '{"ORPHANS": "error"}')

    with pytest.raises(SettingsError, match="there is no rule ORPHANS; there are line_id"):
        load_settings().of(CommerceSettings)


def test_secrets_are_masked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TXPLATFORM_COMMERCE_PEOPLE_KEY", "very-secret")

    assert "very-secret" not in repr(load_settings().of(CommerceSettings))


def test_the_lake_is_a_folder_of_the_installation(tmp_path: Path) -> None:
    lake = open_lake(load_settings(state_dir=tmp_path / "state", lake_dir=tmp_path / "lake"))

    assert lake.store.address == str(tmp_path / "lake" / "commerce")
    assert lake.silver.current().number == lake.gold.current().number == 0


def test_the_lake_may_be_elsewhere(tmp_path: Path) -> None:
    lake = open_lake(load_settings(state_dir=tmp_path / "state", lake_url=str(tmp_path / "own")))

    assert lake.store.address == str(tmp_path / "own")


def test_the_lake_is_named_by_one_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TXPLATFORM_LAKE", "s3://shop/lake")
    monkeypatch.setenv("TXPLATFORM_LAKE_SECRET", "very-secret")
    settings = load_settings(state_dir=tmp_path / "state")

    assert settings.lake_url == "s3://shop/lake"
    assert "very-secret" not in repr(settings)


@pytest.mark.parametrize("variable", ["TXPLATFORM_LAKE_KEY", "TXPLATFORM_LAKE_SECRET"])
def test_secrets_of_the_lake_may_come_from_a_file(
    variable: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "secret"
    file.write_text("from a file\n", encoding="utf-8")
    monkeypatch.setenv(f"{variable}_FILE", str(file))
    settings = load_settings()
    found = getattr(settings, variable.removeprefix("TXPLATFORM_").lower())

    assert found.get_secret_value() == "from a file"
    assert "from a file" not in repr(settings)


def test_the_demo_touches_no_lake_of_ones_own() -> None:
    variables = no_servers()

    assert variables["TXPLATFORM_LAKE_SECRET"] == ""
    assert variables["TXPLATFORM_LAKE_KEY_FILE"] == ""
