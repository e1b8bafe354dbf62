"""The warm Spark: a Spark Connect server of the state folder, so that a run starts no JVM.

`txplatform up --ui` asks for it (`keep_warm`), the first run or rehearsal starts it, `txplatform
down` stops it. It stops by itself when nobody used it for a while (`idle.py`), and the next run
starts it again. It listens on loopback only and answers to a token of the state folder.
"""

import sys
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

from txplatform.connectors.private_files import private_folder
from txplatform.connectors.spark_config import JVM_OPTIONS, LOGGING, OWN_JVM
from txplatform.embedded import jvm, processes
from txplatform.embedded.java import java_home
from txplatform.embedded.servers import Server, Started
from txplatform.settings import Settings, child_environment, export

TOKEN_VARIABLE = "SPARK_CONNECT_AUTHENTICATE_TOKEN"  # noqa: S105 - its name, not the token
HOST = "localhost"
"""By this name only does Spark's client send its token without TLS."""

MAIN_CLASS = "org.apache.spark.sql.connect.service.SparkConnectServer"
MEMORY = "1g"
SESSION_TIMEOUT = "15m"
"""A run gives its session back; that of a run which was killed goes after this time."""


class Connect(Server):
    """A Spark Connect server over local Spark."""

    name = "Spark Connect"
    key = "spark"
    program_name = "java"
    oldest = 4
    secret_names = (key,)
    alternatives = "install txplatform with its dependencies, or set SPARK_REMOTE"

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.mark = settings.state / "servers" / f"{self.key}.wanted"
        """There while runs shall use this server; touched whenever one does."""

    @property
    def program(self) -> Path:
        """Spark's own launcher, which becomes Java; ServerError if PySpark is not installed."""
        return self._spark_home / "bin" / "spark-class"

    def program_version(self) -> str:
        """Version of the installed PySpark."""
        return version("pyspark")

    def prepare(self, version: str) -> None:  # noqa: ARG002 - what it keeps suits every version
        """Find Java, and make the folder of Spark's temporary files."""
        java_home(self.settings)
        private_folder(self.data)

    def command(self, port: int) -> list[str]:
        """Spark Connect on loopback; the last argument is ignored and marks the process as ours."""
        configuration = {
            **OWN_JVM,
            "spark.ui.enabled": "false",
            "spark.local.dir": str(self.data),
            "spark.sql.warehouse.dir": str(self.data / "warehouse"),
            "spark.connect.grpc.binding.address": processes.LOOPBACK,
            "spark.connect.grpc.binding.port": str(port),
            "spark.connect.session.manager.defaultSessionTimeout": SESSION_TIMEOUT,
        }
        options = [part for item in configuration.items() for part in ("--conf", "=".join(item))]
        java = ["--driver-memory", MEMORY, "--driver-java-options", f"{JVM_OPTIONS} {LOGGING}"]
        spark = ["--master", self.settings.spark_master, "--name", "txplatform", *java, *options]
        application = ["--class", MAIN_CLASS, "spark-internal", str(self.data)]
        return [str(self.program), jvm.SUBMIT_CLASS, *spark, *application]

    def environment(self) -> Mapping[str, str]:
        """Java and the token; SPARK_REMOTE would send the server to another one."""
        own = {
            "JAVA_HOME": str(java_home(self.settings)),
            "SPARK_HOME": str(self._spark_home),
            "SPARK_LOCAL_IP": processes.LOOPBACK,
            TOKEN_VARIABLE: self.password(self.key),
        }
        return {**super().environment(), **own}

    def is_ready(self, port: int) -> bool:
        """Whether it listens, which it does only once its Spark is up."""
        return not processes.is_free(port)

    def last_words(self, log: list[str]) -> str:
        """The first line: Spark names the cause before it prints its stack."""
        return next(iter(log), "")

    def ensure(self) -> Started:
        """As for every server; one that this call starts is watched for idleness."""
        started = super().ensure()
        self.mark.touch()
        if started.pid:
            self._watch()
        return started

    def stop(self) -> None:
        """As for every server; runs no longer ask for it."""
        self.mark.unlink(missing_ok=True)
        super().stop()

    @property
    def _spark_home(self) -> Path:
        home = jvm.spark_home()
        if home is None:
            raise self.unusable("PySpark is not installed")
        return home

    def _watch(self) -> None:
        record, minutes = self.record, self.settings.spark_idle_minutes
        about = [str(self.settings.state), str(record.pid), repr(record.started), str(record.port)]
        command = [sys.executable, "-P", "-m", "txplatform.embedded.idle", *about, str(minutes)]
        log = self.log.with_name(f"{self.key}.idle.log")
        processes.spawn(command, child_environment(), log)


def is_offered(settings: Settings) -> bool:
    """Whether a warm Spark may serve these settings: none of one's own is named, nor is it off."""
    has_own = settings.spark_remote or not settings.spark_master.startswith("local")
    return not has_own and settings.spark_idle_minutes > 0


def begin_spark(settings: Settings) -> None:
    """Begin the JVM of a command that is going to compute, unless the warm Spark will serve it."""
    if not (is_offered(settings) and Connect(settings).mark.exists()):
        jvm.begin(settings)


def keep_warm(settings: Settings) -> None:
    """Let runs of this state folder use a warm Spark from now on, until `stop`."""
    if is_offered(settings):
        mark = Connect(settings).mark
        private_folder(mark.parent)
        mark.touch()


def warm_remote(settings: Settings) -> str | None:
    """Address of the warm Spark (sc://...), started if it is wanted and sleeps; else None.

    The token goes into this process's environment, where Spark's client finds it: as part of
    the address it would be shown in Dagster's UI and in error messages.
    """
    server = Connect(settings)
    if not is_offered(settings) or not server.mark.parent.exists():
        return None
    with processes.locked(settings.state / "servers" / "lock"):
        if not server.mark.exists():
            return None
        server.ensure()
        export(**{TOKEN_VARIABLE: server.password(server.key)})
        return f"sc://{HOST}:{server.port()}"
