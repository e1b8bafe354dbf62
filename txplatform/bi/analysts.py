"""People who ask their own questions: logins of Superset, their rows limited where that is wanted.

A limit such as `department=Police` gives a role of its own: it opens only datasets that have such a
column, and Superset adds the condition to every query of them (its row-level security).
"""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from txplatform.bi import assets
from txplatform.bi.client import Client
from txplatform.bi.documents import Document, plain
from txplatform.errors import UsageError

BASE_ROLE = "Gamma"
"""Superset's role of who looks at dashboards and builds charts, and writes no SQL of his own."""

PASSWORD_BYTES = 18
Limits = Mapping[str, Sequence[str]]
"""By column, the values that may be seen."""


class Analyst(NamedTuple):
    """A new login."""

    user: str
    password: str
    datasets: tuple[str, ...]


def add(client: Client, user: str, limits: Limits) -> Analyst:
    """Let somebody in, to all datasets of the code or to those with the limits' columns.

    Raises:
        UsageError: somebody has this name, or no dataset has the column.
    """
    if any(one["username"] == user for one in client.all("security/users")):
        raise UsageError(f"Superset knows a {user} already: say another name.")
    datasets = _datasets(client, limits)
    if not datasets:
        raise UsageError(f"No dataset has the columns {', '.join(limits)}: say others.")
    role = _role(client, f"txplatform {user}", datasets)
    if limits:
        clause = " AND ".join(f'"{column}" IN ({_quoted(limits[column])})' for column in limits)
        rule = {"name": f"txplatform {user}", "filter_type": "Regular", "clause": clause}
        tables = [dataset["id"] for dataset in datasets]
        client.post("rowlevelsecurity/", {**rule, "tables": tables, "roles": [role]})
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    _user(client, user, password, [_id_of(client, "security/roles", BASE_ROLE), role])
    return Analyst(user, password, tuple(sorted(one["table_name"] for one in datasets)))


def _datasets(client: Client, limits: Limits) -> list[Document]:
    """The datasets with all columns of the limits, with their ids."""
    exported = (plain(one) for one in client.export().values())
    suitable = {
        document["uuid"]
        for document in exported
        if document["kind"] == "datasets" and limits.keys() <= assets.taken(document)
    }
    return [one for one in client.all("dataset") if one["uuid"] in suitable]


def _role(client: Client, name: str, datasets: Sequence[Document]) -> int:
    """A role that opens these datasets and nothing else."""
    role: int = client.post("security/roles/", {"name": name})["id"]
    wanted = {f"[{one['database']['database_name']}].[{one['table_name']}](id:{one['id']})"
              for one in datasets}  # fmt: skip
    permissions = [
        one["id"]
        for one in client.all("security/permissions-resources")
        if one["permission"]["name"] == "datasource_access" and one["view_menu"]["name"] in wanted
    ]
    body = {"permission_view_menu_ids": permissions}
    client.post(f"security/roles/{role}/permissions", body)
    return role


def _user(client: Client, name: str, password: str, roles: Sequence[int]) -> None:
    about = {"first_name": name, "last_name": "Analyst", "email": f"{name}@localhost"}
    body = {**about, "username": name, "password": password, "active": True, "roles": list(roles)}
    client.post("security/users/", body)


def _id_of(client: Client, resource: str, name: str) -> int:
    found: Iterator[Any] = (one["id"] for one in client.all(resource) if one["name"] == name)
    return int(next(found))


def _quoted(values: Sequence[str]) -> str:
    """Values as SQL writes them."""
    return ", ".join("'" + value.replace("'", "''") + "'" for value in values)
