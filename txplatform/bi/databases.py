"""The databases of BI: Superset's own, and the published tables as the login that reads them."""

from sqlalchemy import Engine

from txplatform import embedded
from txplatform.embedded.postgres import SUPERSET, Postgres
from txplatform.errors import SettingsError
from txplatform.platform import Platform
from txplatform.settings import Settings
from txplatform.settings.logins import Component, revealed


def database_url(settings: Settings) -> str:
    """Address of Superset's own database.

    Raises:
        SettingsError: PostgreSQL is one's own and the setting is missing.
        ServerError: the embedded server does not run.
    """
    given = revealed(settings.superset_postgres_url)
    if given is None and not settings.is_postgres_embedded:
        raise SettingsError(
            "TXPLATFORM_SUPERSET_POSTGRES_URL is not set: it names the database in which Superset "
            "keeps its dashboards and users."
        )
    return embedded.for_psycopg2(given or Postgres(settings).url(SUPERSET))


def reader(settings: Settings) -> Engine:
    """The published tables, as the login that Superset reads them with.

    Raises:
        SettingsError: the settings name PostgreSQL and no such login: the owner's could write.
        ServerError: PostgreSQL is away.
    """
    if not (settings.is_postgres_embedded or settings.own_postgres_url(Component.BI)):
        raise SettingsError(
            "TXPLATFORM_POSTGRES_BI_URL is not set: Superset reads with a login of its own, which "
            "`txplatform setup roles` makes."
        )
    return Platform(settings, Component.BI).engine
