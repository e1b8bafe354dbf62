"""What an installation says about its spend: first week, sources, limits, cards, runs."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import SettingsConfigDict

from txplatform.settings import DomainSettings


class SpendSettings(DomainSettings):
    """Every setting of spend, its default and what it does."""

    model_config = SettingsConfigDict(env_prefix="TXPLATFORM_SPEND_")

    first_week: date = Field(
        date(2010, 1, 4),
        description="Monday of the first week; purchases before it are refused.",
    )
    drop_folder: Path | None = Field(
        None, description="Folder whose complete files the weekly job takes in."
    )
    drop_quiet_seconds: float = Field(
        10, ge=0, description="A file nobody has written to for so long counts as complete."
    )
    source_collection: SecretStr | None = Field(
        None,
        description="The company's own collection, read and never written: "
        "mongodb://user:password@host/database.collection.",
    )
    source_layout: str = Field(
        "delaware", description="Layout of the drop folder's files and of that collection."
    )
    expected_file: str | None = Field(
        None,
        description="Name of the file expected for each week, such as purchases-%Y-%m-%d*.csv "
        "(of its Monday); the weekly job says when it has not come.",
    )
    refused_percent_limit: Decimal = Field(
        Decimal(2),
        ge=0,
        le=100,
        description="A source with more per cent of its rows refused raises an alarm.",
    )
    currency: str | None = Field(
        None,
        pattern="^[A-Z]{3}$",
        description="The one currency (ISO 4217); unset, that of the first layout used.",
    )
    largest_amount: Decimal = Field(
        Decimal(10**13),
        gt=0,
        le=Decimal(10**15),
        description="A purchase or refund of more is refused: a card number in the wrong column.",
    )
    rules: Path | None = Field(
        None,
        description="File of your own with parameters of the alert rules, on top of the shipped "
        "rules.toml; unset, the defaults.",
    )
    limit: Decimal | None = Field(
        None,
        gt=0,
        description="Purchase limit of every department without one of its own; wins over the "
        "rules file.",
    )
    limits: dict[str, Decimal] = Field(
        default_factory=dict,
        description='Purchase limits by department, as JSON: {"Highways": "1000"}; they win over '
        "the rules file.",
    )
    learning: bool = Field(
        True,
        description="Whether decisions move the weights of the rules, by which the list is sorted; "
        "false freezes them at those of their severities.",
    )
    card_key: SecretStr | None = Field(
        None,
        description="Key of the hash under which card identities are kept; unset, one is made "
        "and kept in the state folder.",
    )
    card_identity: Literal["hashed", "plain"] = Field(
        "hashed", description="Keep card identities as a keyed hash, or as they arrive."
    )
    weeks_per_run: int = Field(
        260, ge=1, le=520, description="Weeks of one run at most; in Dagster's UI 104."
    )
    engine: Literal["spark", "mongo"] = Field(
        "spark",
        description="What computes the weekly rows from MongoDB's sums: Spark, or plain Python "
        "(mongo), which needs no Java and gives the same rows.",
    )

    @field_validator("first_week")
    @classmethod
    def _monday(cls, value: date) -> date:
        if value.weekday() != 0:
            raise ValueError(f"{value} is a {value:%A}; weeks start on Monday")
        return value
