"""The embedded Kafka: one real broker with its controller in one process, on loopback only.

Started when a command asks for it, not with the other servers: most work needs none.
"""

import uuid
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from subprocess import run

from txplatform.connectors.private_files import private_folder, write_private
from txplatform.connectors.spark_config import LOGGING
from txplatform.embedded import failures, java, kafka_jars, processes
from txplatform.embedded.servers import Server
from txplatform.settings import Settings

MEMORY = "-Xmx448m"
FORMATTED = "meta.properties"
CONFIGURATION = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.listener.names": "CONTROLLER",
    "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "inter.broker.listener.name": "PLAINTEXT",
    "auto.create.topics.enable": "false",
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "4",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.num.partitions": "4",
    "transaction.state.log.min.isr": "1",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "group.initial.rebalance.delay.ms": "0",
    # A broker that was killed takes over from itself once its old session is over.
    "broker.session.timeout.ms": "1500",
    "broker.heartbeat.interval.ms": "500",
    "num.network.threads": "2",
    "num.io.threads": "4",
}


class Kafka(Server):
    """A Kafka broker of one node, without passwords: it listens on loopback only."""

    name = "Kafka"
    key = "kafka"
    program_name = "java"
    oldest = 4
    secret_names = ()
    alternatives = kafka_jars.ALTERNATIVE

    @property
    def program(self) -> Path:
        """The `java` that Spark runs on too; ServerError if there is none."""
        return java.program(self.settings)

    def program_version(self) -> str:
        """Version of the broker; it is fetched if it is not there."""
        kafka_jars.ensure(self.program)
        return kafka_jars.VERSION

    def prepare(self, version: str) -> None:  # noqa: ARG002 - its data suit every 4.x
        """Write the configuration, and format a new data folder."""
        private_folder(self.data)
        lines = {**CONFIGURATION, **self._listeners(1, 2), "log.dirs": str(self._logs)}
        text = "".join(f"{name}={_escaped(value)}\n" for name, value in lines.items())
        write_private(self._properties, text)
        if not (self._logs / FORMATTED).exists():
            self._format()

    def command(self, port: int) -> list[str]:
        """`kafka.Kafka` on loopback; the controller gets a free port of its own."""
        listeners = self._listeners(port, processes.free_port())
        overrides = [part for item in listeners.items() for part in ("--override", "=".join(item))]
        return [*self._java(), "kafka.Kafka", str(self._properties), *overrides]

    def is_ready(self, port: int) -> bool:
        """Whether the broker lists its topics."""
        # Imported here: most commands start other servers only.
        from txplatform.connectors import kafka

        return kafka.is_answering(kafka.configuration(f"{processes.LOOPBACK}:{port}"))

    def last_words(self, log: list[str]) -> str:
        """The first line that tells of an error."""
        errors = [line for line in log if "ERROR" in line or "Exception" in line]
        return next(iter(errors or log), "")

    def bootstrap(self) -> str:
        """Address of the running broker; ServerError if it does not run."""
        return f"{processes.LOOPBACK}:{self.port()}"

    def _is_command(self, arguments: list[str]) -> bool:
        is_java = Path(arguments[0]).name.startswith(self.program_name)
        return is_java and str(self._properties) in arguments

    @property
    def _properties(self) -> Path:
        return self.data / "server.properties"

    @property
    def _logs(self) -> Path:
        return self.data / "logs"

    def _listeners(self, port: int, controller_port: int) -> dict[str, str]:
        broker, controller = (f"{processes.LOOPBACK}:{p}" for p in (port, controller_port))
        return {
            "listeners": f"PLAINTEXT://{broker},CONTROLLER://{controller}",
            "advertised.listeners": f"PLAINTEXT://{broker}",
            "controller.quorum.voters": f"1@{controller}",
        }

    def _java(self) -> list[str]:
        classes = f"{kafka_jars.folder()}/*"
        return [str(self.program), MEMORY, "-XX:+UseSerialGC", LOGGING, "-cp", classes]

    def _format(self) -> None:
        cluster = urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        # A cluster id that begins with a dash would be taken for an option.
        asked = ["format", f"--cluster-id={cluster}", f"--config={self._properties}"]
        command = [*self._java(), "kafka.tools.StorageTool", *asked]
        done = run(command, env=self.environment(), capture_output=True, text=True, check=False)
        if done.returncode:
            said = self.last_words((done.stderr or done.stdout).strip().splitlines())
            raise failures.did_not_start(self.name, self.data, self.log, said)


def _escaped(value: str) -> str:
    """A value of a properties file, in which a backslash begins an escape."""
    return value.replace("\\", "\\\\")


@contextmanager
def running(settings: Settings) -> Iterator[str]:
    """Have the broker up; whoever uses it last stops it. The address."""
    server = Kafka(settings)
    lock, users = (server.log.with_name(f"kafka.{name}") for name in ("lock", "users"))
    with ExitStack() as using:
        with processes.locked(lock):
            server.ensure()
            using.enter_context(processes.in_use(users))
        try:
            yield server.bootstrap()
        finally:
            with processes.locked(lock):
                using.close()
                if processes.is_unused(users):
                    server.stop()
