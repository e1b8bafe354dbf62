"""The archive of Spark's classes, made once per installation.

`python -m txplatform.orchestration.training`; `make` does it when it installs.

Spark starts, computes what nobody keeps, and ends; what Java has loaded by then is kept for
every later start (`embedded/class_archive.py`). Without it everything works, and starts slower.
"""

import subprocess
import sys
import tempfile

from txplatform.connectors import spark, spark_config
from txplatform.embedded import class_archive
from txplatform.embedded.java import java_home, program
from txplatform.errors import ServerError
from txplatform.orchestration.rehearsal import compute
from txplatform.settings import Settings, child_environment, load_settings

SECONDS = 300
ROUNDS = 3


def train(java_options: str) -> None:
    """Let Spark compute in this process, with these options for Java too."""
    with tempfile.TemporaryDirectory() as folder:
        settings = _local(folder)
        config = spark_config.session_config(settings)
        config[spark_config.JAVA_OPTIONS] += f" {java_options}"
        session = spark.session(config, lambda: java_home(settings))
        for _ in range(ROUNDS):
            compute(session)
        session.stop()


def main() -> None:
    """Make the archive; say in a sentence what keeps it from being made, and go on."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            class_archive.make(program(_local(folder)), _train_apart)
        except ServerError as error:
            sys.stderr.write(f"{error} Spark will start slower.\n")


def _local(folder: str) -> Settings:
    return load_settings(state_dir=folder, spark_remote=None, spark_master="local[*]")


def _train_apart(java_options: str) -> None:
    # Its Java writes the archive after Python has ended; both hold the pipes that are read here.
    command = [sys.executable, "-P", "-m", __spec__.name, java_options]
    subprocess.run(
        command, check=True, capture_output=True, timeout=SECONDS, env=child_environment()
    )


if __name__ == "__main__":
    if sys.argv[1:]:
        train(sys.argv[1])
    else:
        main()
