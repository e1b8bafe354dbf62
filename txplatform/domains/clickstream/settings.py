"""What an installation says of its shop: the log of events, the currency, how long to wait."""

from datetime import timedelta
from pathlib import Path

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from txplatform.domains.clickstream.transforms.lines import Terms
from txplatform.settings import DomainSettings, Settings


class ClickstreamSettings(DomainSettings):
    """Every setting of the shop's events, its default and what it does."""

    model_config = SettingsConfigDict(env_prefix="TXPLATFORM_CLICKSTREAM_")

    topic: str = Field(
        "shop-events",
        pattern=r"^[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}$",
        description="Topic of the shop's events, in Kafka or in the folder.",
    )
    log_dir: Path | None = Field(
        None,
        description="Folder of the log where no Kafka is named; unset, `clickstream` in the state "
        "folder.",
    )
    currency: str = Field(
        "EUR", pattern="^[A-Z]{3}$", description="The shop's currency (ISO 4217); others refused."
    )
    allowed_lateness_seconds: int = Field(
        120,
        ge=1,
        le=86_400,
        description="How far an event may lie behind the newest one of its partition before it "
        "counts as late. Changing it means `clickstream replay`.",
    )
    rows_per_batch: int = Field(
        25_000, ge=10, le=1_000_000, description="Lines that a batch takes at most."
    )
    trigger_seconds: float = Field(
        1, ge=0.1, le=600, description="Time from the start of one batch to that of the next."
    )
    lag_limit: int = Field(
        100_000, ge=1, description="Lines not processed above which an alarm is raised."
    )
    refused_percent_limit: float = Field(
        2,
        ge=0,
        le=100,
        description="Per cent of refused lines above which an alarm is raised; of the newest "
        "2,500 of each partition.",
    )

    @property
    def terms(self) -> Terms:
        """What decides how events count."""
        lateness = timedelta(seconds=self.allowed_lateness_seconds)
        return Terms(self.topic, self.currency, lateness)

    def folder(self, settings: Settings) -> Path:
        """Where the job keeps its checkpoint, and the log where there is no Kafka."""
        return (self.log_dir or settings.state / "clickstream").expanduser().resolve()
