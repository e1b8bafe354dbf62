"""The installation under attack: real embedded servers below a folder, and commands of its own.

As root the folder is a small disk in memory (tmpfs), so that it can be filled; else it is a
folder like any other, and the fault "disk full" is not run.
"""

import os
import shutil
import subprocess
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import psycopg2
from psycopg2.extensions import connection as Session
from pymongo import MongoClient
from sqlalchemy import make_url

from txplatform import embedded
from txplatform.embedded.postgres import Postgres
from txplatform.settings import Settings, exported, load_settings
from txplatform_tests.domains.spend.sources.layouts import COLUMNS, SMALL
from txplatform_tests.faults.accounts import LIMIT, Accounts
from txplatform_tests.faults.forked import Ended, Shell

DISK_MB = 1_400
APPLICATION = "campaign"
"""Name of the campaign's own sessions, which no fault is aimed at."""

START_AGAIN = """
    DO $$ DECLARE name text; BEGIN
        FOR name IN SELECT nspname FROM pg_namespace
            WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
        LOOP EXECUTE format('DROP SCHEMA %I CASCADE', name); END LOOP;
    END $$;
    CREATE SCHEMA public;
    GRANT USAGE ON SCHEMA public TO PUBLIC
"""
SUPERUSER = "postgres"


class World:
    """One installation with its accounts; use it as a context."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.disk = folder / "disk"
        self.disk.mkdir()
        self.is_disk_small = os.geteuid() == 0 and _mount(self.disk)
        self.state = self.disk / "state"
        self.environment = {
            "TXPLATFORM_STATE_DIR": str(self.state),
            "TXPLATFORM_SPEND_ENGINE": "mongo",
            "TXPLATFORM_SPEND_LIMIT": str(LIMIT // 100),
            **dict.fromkeys(("TXPLATFORM_MONGO_URI", "TXPLATFORM_POSTGRES_URL"), ""),
            **dict.fromkeys(("TXPLATFORM_DAGSTER_POSTGRES_URL", "SPARK_MASTER"), ""),
            "SPARK_REMOTE": "",
            "NO_COLOR": "1",
        }
        self._stack = ExitStack()
        self._stack.enter_context(exported(**self.environment))
        self.settings: Settings = load_settings()
        self.accounts = Accounts()
        self.decided: list[tuple[str, int]] = []
        """Alert and sequence of every entry that the API has acknowledged."""
        self.shell = Shell(folder / "commands", self.environment)
        self.layouts = {name: self._layout(name) for name in ("plain", "ids")}
        embedded.up(self.settings)

    def close(self) -> None:
        """Stop the servers and give the disk back."""
        self.shell.close()
        with suppress(OSError):
            embedded.down(self.settings)
        if self.is_disk_small:
            subprocess.run(["umount", "--lazy", self.disk], check=False)
        shutil.rmtree(self.folder, ignore_errors=True)
        self._stack.close()

    def run(self, *arguments: str, **variables: str) -> Ended:
        """What a command of the platform came to."""
        return self.shell.start(*arguments, **variables).wait()

    def must(self, *arguments: str, **variables: str) -> str:
        """What a command prints that must not fail.

        Raises:
            AssertionError: it failed.
        """
        ended = self.run(*arguments, **variables)
        assert ended.code == 0, f"txplatform {' '.join(arguments)}: {ended.code} {ended.err}"
        return ended.out

    def postgres(self, is_superuser: bool = False) -> Session:
        """A session of the campaign's own."""
        url = make_url(embedded.endpoints(self.settings).postgres_url)
        if is_superuser:
            password = Postgres(self.settings).password("postgres-superuser")
            url = url.set(username=SUPERUSER, password=password)
        session: Session = psycopg2.connect(
            **url.translate_connect_args(username="user", database="dbname"),
            application_name=APPLICATION,
            connect_timeout=5,
            sslmode="disable",
        )
        session.autocommit = True
        return session

    def mongo(self) -> MongoClient[dict[str, Any]]:
        """A client of the campaign's own."""
        uri = embedded.endpoints(self.settings).mongo_uri
        return MongoClient(uri, appname=APPLICATION, serverSelectionTimeoutMS=5_000)

    def pid(self, server: str) -> int:
        """Process of MongoDB or PostgreSQL."""
        found = {one.name: one.pid for one in embedded.status(self.settings)}
        return found[server] or 0

    def begin_again(self) -> None:
        """Empty books: the campaign's and the platform's."""
        with self.mongo() as client:
            client.drop_database(self.settings.mongo_database)
        session = self.postgres()
        with session.cursor() as cursor:
            cursor.execute(START_AGAIN)
        session.close()
        shutil.rmtree(self.settings.lake, ignore_errors=True)
        self.accounts, self.decided = Accounts(), []

    def _layout(self, name: str) -> Path:
        path = self.folder / f"{name}.toml"
        keys = 'id_column = "id"' if name == "ids" else ""
        path.write_text(f"{SMALL.replace('small', name)}\n{keys}\n{COLUMNS}", encoding="utf-8")
        return path


def _mount(folder: Path) -> bool:
    """Make the folder a small disk of its own; False where that is not allowed."""
    options = ["-t", "tmpfs", "-o", f"size={DISK_MB}m,mode=0711", "tmpfs"]
    mounted = subprocess.run(["mount", *options, folder], capture_output=True, check=False)
    return mounted.returncode == 0
