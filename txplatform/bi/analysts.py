"""People who ask their own questions: logins of Superset, their rows limited where that is wanted.

A limit such as `department=Police` gives a role of its own: it opens only datasets that have such a
column, and Superset adds the condition to every query of them (its row-level security).
"""

import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, count
from typing import Any, NamedTuple

from sqlalchemy import Engine, literal, select, table, text
from sqlalchemy.exc import DBAPIError

from txplatform.bi import assets
from txplatform.bi.client import Client
from txplatform.bi.documents import Document, plain
from txplatform.errors import UsageError

BASE_ROLE = "Gamma"
"""Superset's role of who looks at dashboards and builds charts, and writes no SQL of his own."""

LOOKING = {("can_samples", "Datasource"), ("can_get_column_values", "Datasource")}
"""What that role has not, and whoever builds a chart needs: rows, and values to choose from."""

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,49}")
"""A login: Superset keeps 64 characters, and finds it in capitals and small letters alike."""

PASSWORD_BYTES = 18
Limits = Mapping[str, Sequence[str]]
"""By column, the values that may be seen."""


class Analyst(NamedTuple):
    """A new login."""

    user: str
    password: str
    datasets: tuple[str, ...]
    has_rows: bool


def add(engine: Engine, client: Client, user: str, limits: Limits) -> Analyst:
    """Let somebody in, to all datasets of the code or to those with the limits' columns.

    Raises:
        UsageError: it is no name, or somebody has it, or no dataset has the column, or a value is
            none of the column's type.
    """
    if not NAME.fullmatch(user):
        raise UsageError(
            f"{user!r} is no name of a login: take 1 to 50 letters of a to z, digits, '.', '_' and "
            "'-', the first a letter or a digit."
        )
    known = {one["username"].lower(): one["username"] for one in client.all("security/users")}
    if user.lower() in known:
        raise UsageError(f"Superset knows a {known[user.lower()]} already: say another name.")
    datasets = _datasets(client, limits)
    if not datasets:
        raise UsageError(f"No dataset has the columns {', '.join(limits)}: say others.")
    clause = " AND ".join(f'"{column}" IN ({_quoted(limits[column])})' for column in limits)
    found = [_has_rows(engine, one, clause) for one in datasets] if limits else [True]
    name = _free_name(client, f"txplatform {user}")
    role = _role(client, name, datasets)
    if limits:
        rule = {"name": name, "filter_type": "Regular", "clause": clause}
        tables = [dataset["id"] for dataset in datasets]
        client.post("rowlevelsecurity/", {**rule, "tables": tables, "roles": [role]})
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    _user(client, user, password, [_id_of(client, "security/roles", BASE_ROLE), role])
    names = tuple(sorted(one["table_name"] for one in datasets))
    return Analyst(user, password, names, any(found))


def _has_rows(engine: Engine, dataset: Document, clause: str) -> bool:
    """Whether a condition leaves a row of a dataset's table."""
    rows = table(dataset["table_name"], schema=dataset["schema"])
    limited = select(literal(1)).select_from(rows).where(text(clause.replace(":", "\\:"))).limit(1)
    try:
        with engine.connect() as connection:
            return connection.execute(limited).first() is not None
    except DBAPIError as error:
        said = str(error.orig).partition("\n")[0]
        raise UsageError(f"The limit cannot be held ({said}): say another value.") from None


def _datasets(client: Client, limits: Limits) -> list[Document]:
    """The datasets with all columns of the limits, with their ids."""
    exported = (plain(one) for one in client.export().values())
    suitable = {
        document["uuid"]
        for document in exported
        if document["kind"] == "datasets" and limits.keys() <= assets.taken(document)
    }
    return [one for one in client.all("dataset") if one["uuid"] in suitable]


def _free_name(client: Client, wanted: str) -> str:
    """A name that no role and no rule has; those of a login that is gone are left behind."""
    lists = map(client.all, ("security/roles", "rowlevelsecurity"))
    taken = {one["name"] for one in chain.from_iterable(lists)}
    names = chain([wanted], (f"{wanted} {number}" for number in count(2)))
    return next(name for name in names if name not in taken)


def _role(client: Client, name: str, datasets: Sequence[Document]) -> int:
    """A role that opens these datasets and nothing else."""
    role: int = client.post("security/roles/", {"name": name})["id"]
    wanted = {f"[{one['database']['database_name']}].[{one['table_name']}](id:{one['id']})"
              for one in datasets}  # fmt: skip
    opened = {("datasource_access", one) for one in wanted} | LOOKING
    permissions = [
        one["id"]
        for one in client.all("security/permissions-resources")
        if (one["permission"]["name"], one["view_menu"]["name"]) in opened
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
