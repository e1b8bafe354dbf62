"""A process that begins a JVM, for tests: what its session runs on, as JSON.

    python -m txplatform_tests.embedded.begun_jvm STATE WHAT

`use` opens a session; `lose` kills the JVM first; `other` opens one of another configuration;
`leave` opens none; `wait` waits until somebody kills it.
"""

import json
import sys
import time

import psutil

from txplatform.connectors import spark_config
from txplatform.embedded import jvm
from txplatform.embedded.java import java_home
from txplatform.settings import load_settings


def javas() -> list[int]:
    """The process ids of this process's Java, or of what becomes it."""
    return [one.pid for one in psutil.Process().children()]


def main(state: str, what: str) -> None:
    """Begin a JVM, do what is asked, print."""
    settings = load_settings(state_dir=state, spark_remote=None, spark_master="local[1]")
    jvm.begin(settings)
    begun = javas()
    found: dict[str, object] = {"begun": begun}
    if what in {"use", "lose", "other"}:
        from txplatform.connectors import spark

        config = spark_config.session_config(settings)
        if what == "lose":
            psutil.Process(begun[0]).kill()
        if what == "other":
            config["spark.driver.memory"] = "600m"
        session = spark.session(config, lambda: java_home(settings), jvm.variables)
        found["sum"] = session.range(10).selectExpr("sum(id)").collect()[0][0]
        found["javas"] = javas()
        found["answers"] = session._jvm.java.lang.ProcessHandle.current().pid()  # type: ignore[union-attr]
    sys.stdout.write(json.dumps(found) + "\n")
    sys.stdout.flush()
    if what == "wait":
        time.sleep(600)


if __name__ == "__main__":
    main(*sys.argv[1:])
