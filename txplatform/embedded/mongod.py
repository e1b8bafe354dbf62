"""The embedded MongoDB: the packaged `mongod`, or the one of TXPLATFORM_MONGOD."""

import json
import re
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from txplatform.connectors.private_files import private_folder
from txplatform.embedded import processes
from txplatform.embedded.servers import Server
from txplatform.errors import ServerError
from txplatform.settings.logins import Component, login_of

USER = "txplatform"
_CACHE_GB = 0.25  # mongod's own default is half of the machine's memory
_PATIENCE_MS = 5000
_IS_ERROR = re.compile(r'\{"t":.*?"s":"[EF]".*\}$')  # severity "error" or "fatal"


class Mongod(Server):
    """A standalone mongod with access control."""

    name = "MongoDB"
    key = "mongo"
    program_name = "mongod"
    oldest = 6
    secret_names = (key,)
    alternatives = (
        "set TXPLATFORM_MONGO_URI to a server of your own (MongoDB 6 or newer), or "
        "TXPLATFORM_MONGOD to a mongod program that runs on this machine"
    )

    @property
    def program(self) -> Path:
        """The mongod of the settings, else the packaged one; ServerError if there is none."""
        if self.settings.mongod:
            return self.settings.mongod.expanduser().resolve()
        # Only the folder is of interest: what a package does at import is its own affair.
        spec = find_spec("fiftyone")
        for folder in (spec and spec.submodule_search_locations) or ():
            if (packaged := Path(folder) / "db" / "bin" / "mongod").exists():
                return packaged
        raise self.unusable("its package is not installed or has none for this platform")

    def prepare(self, version: str) -> None:
        """Make the data folder; after a crash mongod itself recovers from its journal."""
        last = self.record.version
        if not self.is_new and _release(version) < _release(last or version):
            raise ServerError(
                f"The data of {self.data} were last used by MongoDB {last}, which is newer than "
                f"the installed {version}: set TXPLATFORM_MONGOD to a mongod {last}."
            )
        private_folder(self.data)

    def command(self, port: int) -> list[str]:
        """`mongod` on loopback, with access control and a small cache."""
        address = ["--bind_ip", processes.LOOPBACK, "--port", str(port), "--nounixsocket"]
        cache = ["--wiredTigerCacheSizeGB", str(_CACHE_GB)]
        small = ["--quiet", "--setParameter", "diagnosticDataCollectionEnabled=false"]
        return [str(self.program), "--dbpath", str(self.data), "--auth", *address, *cache, *small]

    def uri(self, component: Component | None = None) -> str:
        """Address with credentials; a write is acknowledged once it is in the journal.

        Those of a component are a user's of the platform's database, which `logins.py` makes.
        """
        address = f"{processes.LOOPBACK}:{self.port()}"
        user, password, source = USER, self.key, "admin"
        if component:
            source = self.settings.mongo_database
            user, password = login_of(source, component), f"{self.key}-{component}"
        credentials = f"{quote(user, safe='')}:{self.password(password)}"
        return f"mongodb://{credentials}@{address}/?authSource={quote(source)}&journal=true"

    def is_ready(self, port: int) -> bool:
        """Log in; a new server is told its first user, which it lets a local client do once."""
        if not processes.is_listening(port):  # pymongo itself would look twice a second
            return False
        password = self.password(self.key)
        try:
            self._command(port, password, {"ping": 1})
        except OperationFailure:
            return self._create_user(port, password)
        except PyMongoError:
            return False
        return True

    def last_words(self, log: list[str]) -> str:
        """The first error of a log in JSON lines: the later ones follow from it."""
        first = next((line for line in log if _IS_ERROR.match(line)), None)
        return _said(json.loads(first)) if first else next(reversed(log), "")

    def _create_user(self, port: int, password: str) -> bool:
        try:
            self._command(port, None, {"createUser": USER, "pwd": password, "roles": ["root"]})
        except OperationFailure:
            raise self.locked_out() from None
        except PyMongoError:
            return False
        return True

    def _command(self, port: int, password: str | None, command: dict[str, Any]) -> None:
        with MongoClient[dict[str, Any]](
            processes.LOOPBACK,
            port,
            username=USER if password else None,
            password=password,
            directConnection=True,
            serverSelectionTimeoutMS=_PATIENCE_MS,
        ) as client:
            client.admin.command(command)


def _release(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:2])


def _said(entry: dict[str, Any]) -> str:
    details = entry.get("attr", {})
    detail = details.get("message", details.get("error", ""))
    if isinstance(detail, dict):  # a message of the storage engine
        detail = f"{detail.get('msg')}: {detail.get('error_str')}"
    return f"{entry.get('msg')}: {detail}"
