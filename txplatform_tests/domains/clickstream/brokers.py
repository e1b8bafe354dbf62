"""The tests' Kafka: the embedded one with a second door, which asks who comes."""

import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from txplatform.embedded import processes
from txplatform.embedded.kafka import CONFIGURATION, Kafka
from txplatform.settings import Settings

JAAS = "org.apache.kafka.common.security"
PROTOCOLS = "listener.security.protocol.map"


class Guarded(Kafka):
    """The embedded broker; with a certificate it has a door for who knows a secret of Ada's."""

    def __init__(self, settings: Settings, certificate: Path | None) -> None:
        super().__init__(settings)
        self.door = processes.free_port()
        self.certificate = certificate
        self.taken = processes.free_port()

    @contextmanager
    def up(self) -> Iterator[None]:
        """Have it up; another program has the port that it had last."""
        with processes.locked(self.log.with_name("kafka.lock")):
            self._remember(replace(self.record, port=self.taken))
            with socket.create_server((processes.LOOPBACK, self.taken)):
                self.ensure()
        try:
            yield
        finally:
            self.stop()

    def _listeners(self, port: int, controller_port: int) -> dict[str, str]:
        plain = super()._listeners(port, controller_port)
        if self.certificate is None:
            return plain
        door = f"SASL_SSL://{processes.LOOPBACK}:{self.door}"
        names = ("listeners", "advertised.listeners")
        return {
            **plain,
            **{name: f"{plain[name]},{door}" for name in names},
            PROTOCOLS: f"{CONFIGURATION[PROTOCOLS]},SASL_SSL:SASL_SSL",
            "sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-512",
            "listener.name.sasl_ssl.plain.sasl.jaas.config": f"{JAAS}.plain.PlainLoginModule "
            'required user_ada="plain secret";',
            "listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config": f"{JAAS}.scram."
            "ScramLoginModule required;",
            "ssl.keystore.type": "PEM",
            "ssl.keystore.location": str(self.certificate),
        }


def certificate_in(folder: Path) -> Path | None:
    """A key and the certificate for this machine that it signed itself, in one file.

    None where there is no openssl to make them.
    """
    if shutil.which("openssl") is None:
        return None
    key, own = folder / "key.pem", folder / "own.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    about = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run([*command, *about, "-keyout", key, "-out", own], check=True, capture_output=True)
    both = folder / "both.pem"
    both.write_text(key.read_text() + own.read_text())
    return both
