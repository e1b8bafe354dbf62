"""The settings that name servers and say how they are used; read with all others."""

from pathlib import Path
from typing import Literal

from pydantic import AliasChoices, Field, SecretStr

from txplatform.settings.logins import Component, LoginSettings, revealed


class ServerSettings(LoginSettings):
    """MongoDB, PostgreSQL, Spark and Java: one's own, or the embedded ones."""

    mongo_uri: SecretStr | None = Field(
        None,
        description="MongoDB 6 or newer to use instead of the embedded one; TLS options pass "
        "through (mongodb://user:password@host/?tls=true).",
    )
    mongo_database: str = Field(
        "txplatform", min_length=1, description="Database of the platform's own collections."
    )
    postgres_url: SecretStr | None = Field(
        None,
        description="PostgreSQL 14 or newer to use instead of the embedded one "
        "(postgresql://user:password@host/database); beyond this machine TLS is verified, unless "
        "sslmode says else.",
    )
    dagster_postgres_url: SecretStr | None = Field(
        None,
        description="PostgreSQL database of Dagster's own history; unset, that of "
        "TXPLATFORM_POSTGRES_URL.",
    )
    superset_postgres_url: SecretStr | None = Field(
        None,
        description="PostgreSQL database of Superset's own dashboards and users; needed where "
        "PostgreSQL is one's own.",
    )
    superset_environment: Path | None = Field(
        None,
        description="Folder of Superset's own environment; unset, `.venv-superset` beside that of "
        "txplatform.",
    )
    kafka_bootstrap: str | None = Field(
        None,
        description="Kafka brokers that keep the logs of events (host:port,host:port); unset, "
        "logs are kept in folders.",
    )
    kafka_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        "PLAINTEXT", description="How the brokers are spoken to; beyond this machine SASL_SSL."
    )
    kafka_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = Field(
        "SCRAM-SHA-512", description="How a name and a password are proved (with SASL)."
    )
    kafka_username: str | None = Field(None, description="Name for the brokers (with SASL).")
    kafka_password: SecretStr | None = Field(None, description="Password for the brokers.")
    kafka_authority: Path | None = Field(
        None, description="File of the authority that signed the brokers' certificates (with SSL)."
    )
    lake_url: str | None = Field(
        None,
        validation_alias=AliasChoices("TXPLATFORM_LAKE", "lake_url"),
        description="Where files and tables of the lake's object store are: a folder, "
        "s3://bucket/prefix, or `embedded` for an S3 server of the platform's own; unset, "
        "TXPLATFORM_LAKE_DIR.",
    )
    lake_endpoint: str | None = Field(
        None, description="Address of an S3 that is not Amazon's, such as http://minio:9000."
    )
    lake_key: SecretStr | None = Field(
        None, description="Access key of the lake's bucket; unset, the machine's own identity."
    )
    lake_secret: SecretStr | None = Field(None, description="Secret of that access key.")
    lake_region: str = Field("us-east-1", description="Region of the lake's bucket.")
    mongo_parallel_reads: int = Field(
        2, ge=1, le=64, description="Sums that a run asks of MongoDB side by side at most."
    )
    mongo_read_preference: Literal[
        "primary", "primaryPreferred", "secondary", "secondaryPreferred", "nearest"
    ] = Field(
        "primary",
        description="Members of a replica set that the sums of a computation are read from.",
    )
    mongod: Path | None = Field(
        None, description="A mongod program to run instead of the packaged one."
    )
    postgres_bin: Path | None = Field(
        None, description="The bin folder of a PostgreSQL installation to run instead."
    )
    spark_master: str = Field(
        "local[*]",
        validation_alias=AliasChoices("SPARK_MASTER"),
        description="Spark master of an existing cluster (spark://host:7077, yarn, k8s://...).",
    )
    spark_remote: str | None = Field(
        None,
        validation_alias=AliasChoices("SPARK_REMOTE"),
        description="Spark Connect server to use (sc://host:15002); wins over SPARK_MASTER.",
    )
    spark_idle_minutes: float = Field(
        60,
        ge=0,
        description="A warm Spark that `up --ui` keeps stops after so long without use; the next "
        "run starts it again. 0: none is kept.",
    )
    java_home: Path | None = Field(
        None,
        validation_alias=AliasChoices("JAVA_HOME"),
        description="Java 17 or newer for Spark; unset, `java` on the path, else the packaged one.",
    )
    ui_url: str = Field(
        "http://127.0.0.1:3000", description="Address of Dagster's UI in links that alarms carry."
    )
    dashboard_url: str = Field(
        "http://127.0.0.1:8501",
        description="Address of the dashboard in links from Dagster's UI.",
    )

    @property
    def is_mongo_embedded(self) -> bool:
        """Whether the platform starts its own MongoDB: no setting names another."""
        return not (self.mongo_uri or any(map(self.own_mongo_uri, Component)))

    @property
    def is_postgres_embedded(self) -> bool:
        """Whether the platform starts its own PostgreSQL: no setting names another."""
        return not (self.postgres_url or any(map(self.own_postgres_url, Component)))

    @property
    def is_lake_embedded(self) -> bool:
        """Whether the platform starts an S3 server of its own for the lake."""
        return self.lake_url == "embedded"

    def mongo_uri_of(self, component: Component | None) -> str | None:
        """Address of MongoDB for a part of the platform (None: its owner), where one is set."""
        own = self.own_mongo_uri(component) if component else None
        return own or revealed(self.mongo_uri)

    def postgres_url_of(self, component: Component | None) -> str | None:
        """Address of PostgreSQL for a part of the platform (None: its owner), where one is set."""
        own = self.own_postgres_url(component) if component else None
        return own or revealed(self.postgres_url)
