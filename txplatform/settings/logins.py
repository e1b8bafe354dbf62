"""The settings that give a part of the platform a login of its own; read with all others.

Without them every part uses TXPLATFORM_MONGO_URI and TXPLATFORM_POSTGRES_URL. The embedded servers
have such logins by themselves; `txplatform setup roles` makes them on one's own servers.
"""

from enum import StrEnum

from pydantic import Field, SecretStr

from txplatform.settings.reading import ReadSettings


class Component(StrEnum):
    """A part of the platform that logs in to the databases with rights of its own."""

    INGEST = "ingest"
    COMPUTE = "compute"
    READ = "read"
    DECIDE = "decide"
    BI = "bi"


class LoginSettings(ReadSettings):
    """Addresses of the servers for one part of the platform each."""

    mongo_ingest_uri: SecretStr | None = Field(
        None, description="MongoDB with the login that ingests; unset, TXPLATFORM_MONGO_URI."
    )
    mongo_compute_uri: SecretStr | None = Field(
        None, description="MongoDB with the login that computes; unset, TXPLATFORM_MONGO_URI."
    )
    mongo_read_uri: SecretStr | None = Field(
        None,
        description="MongoDB with the login of API and dashboard; unset, TXPLATFORM_MONGO_URI.",
    )
    postgres_ingest_url: SecretStr | None = Field(
        None, description="PostgreSQL with the login that ingests; unset, TXPLATFORM_POSTGRES_URL."
    )
    postgres_compute_url: SecretStr | None = Field(
        None, description="PostgreSQL with the login that computes; unset, TXPLATFORM_POSTGRES_URL."
    )
    postgres_read_url: SecretStr | None = Field(
        None,
        description="PostgreSQL with the login that API and dashboard read with; unset, "
        "TXPLATFORM_POSTGRES_URL.",
    )
    postgres_decide_url: SecretStr | None = Field(
        None,
        description="PostgreSQL with the login that writes decisions and tokens; unset, "
        "TXPLATFORM_POSTGRES_URL.",
    )
    postgres_bi_url: SecretStr | None = Field(
        None,
        description="PostgreSQL with the login that BI tools read published tables with; unset, "
        "TXPLATFORM_POSTGRES_URL.",
    )
    mongo_admin_uri: SecretStr | None = Field(
        None,
        description="MongoDB with a login that may make users; only `setup roles` uses it; unset, "
        "TXPLATFORM_MONGO_URI.",
    )
    postgres_admin_url: SecretStr | None = Field(
        None,
        description="PostgreSQL with a login that may make roles; only `setup roles` uses it; "
        "unset, TXPLATFORM_POSTGRES_URL.",
    )

    def own_mongo_uri(self, component: Component) -> str | None:
        """The MongoDB address that a setting gives a part of the platform; None: no own one."""
        return revealed(getattr(self, f"mongo_{component}_uri", None))

    def own_postgres_url(self, component: Component) -> str | None:
        """The PostgreSQL address that a setting gives a part of the platform; None: no own one."""
        return revealed(getattr(self, f"postgres_{component}_url", None))


def revealed(secret: SecretStr | None) -> str | None:
    """The value of a secret setting; None where it is unset."""
    return secret.get_secret_value() if secret else None


def login_of(database: str, component: str) -> str:
    """The name of a login: one server may serve several databases of this platform."""
    return f"{database}_{component}"
