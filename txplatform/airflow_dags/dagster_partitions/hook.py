"""The Airflow connection to a Dagster webserver: address, token, TLS."""

from typing import Any
from urllib.parse import unquote, urlsplit

from .client import Dagster, DagsterError, DagsterUsageError
from .compat import BaseHook, Connection

VERSION = "query Version { version }"


class DagsterHook(BaseHook):
    """Makes the client from an Airflow connection.

    Host: the address, such as `https://dagster.example.com`, or a host name with port and with the
    scheme under `schema`. Login and password: basic authentication. A password alone: a token, sent
    as `Authorization: Bearer`. Extra (JSON): `token_header` sends the token under another name,
    such as `Dagster-Cloud-Api-Token`; `headers`; `verify` (false, or the file of the authority);
    `cert` (a client certificate with its key); `timeout` in seconds; `ui_url`, where people's
    browsers reach Dagster under another address.
    """

    conn_name_attr = "dagster_conn_id"
    default_conn_name = "dagster_default"
    conn_type = "dagster"
    hook_name = "Dagster"

    def __init__(self, dagster_conn_id: str = default_conn_name) -> None:
        super().__init__()
        self.dagster_conn_id = dagster_conn_id

    @classmethod
    def get_ui_field_behaviour(cls) -> dict[str, Any]:
        """What the connection's form shows."""
        return {
            "hidden_fields": [],
            "relabeling": {"host": "URL", "password": "Token or password"},
            "placeholders": {"host": "https://dagster.example.com"},
        }

    def get_conn(self) -> Dagster:
        """The client of the connection.

        Raises:
            DagsterUsageError: the connection names no host.
        """
        return client_of(self.get_connection(self.dagster_conn_id))

    def test_connection(self) -> tuple[bool, str]:
        """What the button Test says."""
        try:
            return True, f"Dagster {self.get_conn().query(VERSION)['version']}"
        except DagsterError as error:
            return False, str(error)


def client_of(connection: Connection) -> Dagster:
    """The client that an Airflow connection describes; see `DagsterHook`."""
    extra = connection.extra_dejson
    headers, basic_auth = dict(extra.get("headers", {})), None
    url, login, password = _url_of(connection)
    if login:
        basic_auth = (login, password)
    elif connection.password and "token_header" in extra:
        headers[extra["token_header"]] = connection.password
    elif connection.password:
        headers["Authorization"] = f"Bearer {connection.password}"
    return Dagster(
        url=url,
        headers=headers,
        basic_auth=basic_auth,
        verify=extra.get("verify", True),
        cert=extra.get("cert"),
        timeout=float(extra.get("timeout", 30)),
        ui_url=extra.get("ui_url"),
    )


def _url_of(connection: Connection) -> tuple[str, str, str]:
    """Address, user and password; those that the address holds would else appear in logs."""
    if not connection.host:
        raise DagsterUsageError(
            f"The Airflow connection {connection.conn_id!r} names no host: say where Dagster's "
            "webserver is, such as https://dagster.example.com."
        )
    login, password = connection.login or "", connection.password or ""
    if "://" in connection.host:
        parts = urlsplit(connection.host)
        address = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}".rstrip("/")
        return (
            address,
            login or unquote(parts.username or ""),
            password or unquote(parts.password or ""),
        )
    # AIRFLOW_CONN_DAGSTER_DEFAULT=https://host has its scheme in the type of the connection.
    scheme = "https" if "https" in {connection.schema, connection.conn_type} else "http"
    port = f":{connection.port}" if connection.port else ""
    return f"{scheme}://{connection.host}{port}", login, password
