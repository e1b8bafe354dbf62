"""The privileges that the tables' modules declare, given to the logins that a server has.

A login is `<database>_<part>`; one that nobody made gets nothing, and then the owner does its work.
"""

from collections.abc import Iterator

from sqlalchemy import Connection, Table, bindparam, func, select, text

from txplatform import domains
from txplatform.serving import tables as serving_tables
from txplatform.settings.logins import Component, login_of

PRESENT = text("SELECT rolname FROM pg_roles WHERE rolname IN :names").bindparams(
    bindparam("names", expanding=True)
)
MARK = text("SELECT has_table_privilege(:login, :version_table, 'SELECT')")


def declared(component: Component) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every table that a part of the platform may use, with its privileges."""
    for module in (serving_tables, *domains.modules("tables")):
        yield from module.TABLES.get(component, {}).items()


def logins(connection: Connection) -> dict[Component, str]:
    """The logins of this database that the server has."""
    database = connection.execute(select(func.current_database())).scalar_one()
    names = {component: login_of(database, component) for component in Component}
    present = set(connection.execute(PRESENT, {"names": list(names.values())}).scalars())
    return {component: name for component, name in names.items() if name in present}


def are_missing(connection: Connection, version_table: str) -> bool:
    """Whether a login was made after the last `grant`: then it cannot read the version yet."""
    return any(
        not connection.execute(MARK, {"login": name, "version_table": version_table}).scalar_one()
        for name in logins(connection).values()
    )


def grant(connection: Connection, version_table: str) -> None:
    """Give every login exactly what is declared, as the tables' owner."""
    quoted = connection.dialect.identifier_preparer.quote
    tables = list(_tables())
    everything = ", ".join(_qualified(connection, table.fullname) for table in tables)
    schemas = ", ".join(sorted({quoted(table.schema) for table in tables if table.schema}))
    database = quoted(connection.execute(select(func.current_database())).scalar_one())
    for component, name in logins(connection).items():
        login = quoted(name)
        entry = "CONNECT, TEMPORARY" if component is Component.COMPUTE else "CONNECT"
        connection.execute(text(f"GRANT {entry} ON DATABASE {database} TO {login}"))
        if schemas:
            connection.execute(text(f"GRANT USAGE ON SCHEMA {schemas} TO {login}"))
        connection.execute(text(f"REVOKE ALL ON {everything} FROM {login}"))
        connection.execute(text(f"GRANT SELECT ON {quoted(version_table)} TO {login}"))
        for table, privileges in declared(component):
            name_of_table = _qualified(connection, table)
            statement = f"GRANT {', '.join(privileges)} ON {name_of_table} TO {login}"
            connection.execute(text(statement))


def _tables() -> Iterator[Table]:
    for module in (serving_tables, *domains.modules("tables")):
        yield from module.metadata.sorted_tables


def _qualified(connection: Connection, name: str) -> str:
    """The quoted name of a table, with its schema where it has one."""
    return ".".join(map(connection.dialect.identifier_preparer.quote, name.split(".")))
