"""A JVM for this process's Spark, begun before Python has imported what uses it.

PySpark starts its JVM when a session is opened and waits for it: a second and more, after Python
has spent as long on imports. Begun first, the two pass together. PySpark connects to a JVM that is
there where PYSPARK_GATEWAY_PORT and PYSPARK_GATEWAY_SECRET say so (pyspark/java_gateway.py).
"""

import atexit
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path

from txplatform.connectors.spark_config import REMOTE, session_config
from txplatform.embedded.java import java_home
from txplatform.errors import ServerError
from txplatform.settings import Settings, child_environment

SUBMIT_CLASS = "org.apache.spark.deploy.SparkSubmit"
ANSWER_VARIABLE, ANSWER = "_PYSPARK_DRIVER_CONN_INFO_PATH", "answer"
OWN_WAYS = ("PYSPARK_SUBMIT_ARGS", "PYSPARK_GATEWAY_PORT")
"""With one of these somebody starts PySpark's JVM in a way of his own."""
POLL_SECONDS = 0.01


@dataclass
class _Begun:
    config: Mapping[str, str]
    process: subprocess.Popen[bytes]
    folder: tempfile.TemporaryDirectory[str]

    @cached_property
    def variables(self) -> dict[str, str]:
        """Where the JVM listens, once it has said it; empty if it ended before."""
        answer = Path(self.folder.name) / ANSWER
        with self.folder:
            while not answer.exists():
                if self.process.poll() is not None:
                    return {}
                time.sleep(POLL_SECONDS)
            content = answer.read_bytes()  # the port and the secret's length, four bytes each
        port, secret = int.from_bytes(content[:4], "big"), content[8:].decode()
        return {"PYSPARK_GATEWAY_PORT": str(port), "PYSPARK_GATEWAY_SECRET": secret}

    def abandon(self) -> None:
        """End a JVM that nobody has asked for: it would complain that its folder is gone."""
        if "variables" not in self.__dict__:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.folder.cleanup()


_begun: list[_Begun] = []


def spark_home() -> Path | None:
    """The folder of PySpark, found without importing it: that takes half a second."""
    spec = find_spec("pyspark")
    folders = (spec and spec.submodule_search_locations) or ()
    return next(map(Path, folders), None)


def begin(settings: Settings) -> None:
    """Start the JVM that `session_config(settings)` asks for; it ends with this process.

    What keeps it from starting is said when the session is opened, which then starts one itself.
    """
    config, environment = session_config(settings), child_environment()
    home = Path(environment["SPARK_HOME"]) if environment.get("SPARK_HOME") else spark_home()
    if _begun or home is None or REMOTE in config or not environment.keys().isdisjoint(OWN_WAYS):
        return
    try:
        java = java_home(settings)
    except ServerError:
        return
    folder = tempfile.TemporaryDirectory(prefix="txplatform-jvm-")
    options = [part for item in config.items() for part in ("--conf", "=".join(item))]
    own = {"JAVA_HOME": str(java), "SPARK_HOME": str(home), "SPARK_CONNECT_MODE": "0"}
    process = subprocess.Popen(
        [home / "bin" / "spark-class", SUBMIT_CLASS, *options, "pyspark-shell"],
        env={**environment, **own, ANSWER_VARIABLE: f"{folder.name}/{ANSWER}"},
        stdin=subprocess.PIPE,  # the JVM ends when nobody holds the other end any more
        start_new_session=True,  # Ctrl-C is for Python, which ends the JVM in order
    )
    _begun.append(_Begun(config, process, folder))
    atexit.register(_begun[0].abandon)


def variables(config: Mapping[str, str]) -> Mapping[str, str]:
    """Where the JVM begun for `config` listens, in the variables that PySpark looks at.

    Empty if none was begun; one that is still starting is waited for.
    """
    return next((begun.variables for begun in _begun if begun.config == config), {})
