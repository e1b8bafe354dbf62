"""What an installation says about its shop: which layout, which engine, how strict."""

from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import Field, PositiveInt, SecretStr, field_validator
from pydantic_settings import SettingsConfigDict

from txplatform.domains.commerce.rules import unknown
from txplatform.settings import DomainSettings


class CommerceSettings(DomainSettings):
    """Every setting of commerce, its default and what it does."""

    model_config = SettingsConfigDict(env_prefix="TXPLATFORM_COMMERCE_")

    engine: Literal["duckdb", "spark", "pandas"] = Field(
        "duckdb",
        description="What computes silver and gold: DuckDB in process, Spark (SPARK_MASTER, "
        "SPARK_REMOTE), or pandas for comparison.",
    )
    layout: str = Field("clients_achats", description="Layout of the drop folder's files.")
    layouts: Path | None = Field(
        None, description="File of layouts of your own, beside the shipped layouts.toml."
    )
    drop_folder: Path | None = Field(None, description="Folder whose files the daily job takes in.")
    first_day: date | None = Field(
        None, description="The first day that counts; unset, that of the first goods line."
    )
    price_limits: tuple[PositiveInt, ...] = Field(
        (100, 250, 500), min_length=1, description="Upper bounds of the price classes, as JSON."
    )
    least_support_pct: int = Field(
        1, ge=1, le=100, description="Pairs of products in fewer per cent of baskets are left out."
    )
    monthly_discount: float = Field(
        0.01, ge=0, lt=1, description="By how much money of the next month is worth less than now."
    )
    severities: dict[str, str] = Field(
        {},
        description="How bad a breach of a rule of quality is, where not as shipped, as JSON: "
        '{"ORPHAN": "error"}; warn, quarantine or error (gold is not computed).',
    )
    people_key: SecretStr | None = Field(
        None,
        description="Key with which names and e-mails are hashed in silver and in `clients`; "
        "unset, they are kept as they are.",
    )
    kept_versions: int = Field(
        5, ge=1, description="Versions of silver and gold that a run keeps in the lake."
    )
    stale_hours: int = Field(
        26,
        ge=0,
        description="Hours after which an alarm tells of tables that were not written anew; "
        "0: never.",
    )
    is_schedule_on: bool = Field(
        False, description="Whether Dagster's schedule refreshes commerce every day at 06:00."
    )

    @field_validator("price_limits")
    @classmethod
    def _ascending(cls, value: tuple[int, ...]) -> tuple[int, ...]:
        if list(value) != sorted({*value}):
            raise ValueError("each limit must be above the one before it")
        return value

    @field_validator("severities")
    @classmethod
    def _known_rules(cls, value: dict[str, str]) -> dict[str, str]:
        if told := unknown(value):
            raise ValueError(told)
        return value
