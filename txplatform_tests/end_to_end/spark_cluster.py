"""A Spark standalone cluster of plain processes from pip's PySpark: a master and two workers."""

import json
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.request import urlopen

import psutil
import pyspark

from txplatform_tests.airflow_dags.processes import free_port, process, until
from txplatform_tests.end_to_end import environments

SPARK_CLASS = Path(pyspark.__file__).parent / "bin" / "spark-class"
DEPLOY = "org.apache.spark.deploy"
START_SECONDS = 120


class Cluster(NamedTuple):
    """A running cluster."""

    url: str
    page: str
    """The master's REST page."""
    workers: tuple[psutil.Popen, ...]
    folders: tuple[Path, ...]
    """Where each worker keeps what its executors say."""

    def state(self) -> Any:
        """What the master's REST page says."""
        with urlopen(self.page, timeout=5) as answer:
            return json.load(answer)

    def states(self) -> list[str]:
        """In which state the master's REST page shows the workers."""
        return sorted(worker["state"] for worker in self.state()["workers"])

    def tasks(self) -> list[int]:
        """How many tasks each worker's executors have run."""
        said = [
            [file.read_text(encoding="utf-8") for file in folder.glob("app-*/*/stderr")]
            for folder in self.folders
        ]
        return [sum(text.count("Finished task") for text in texts) for texts in said]


@contextmanager
def spark_cluster(folder: Path, java_home: Path) -> Iterator[Cluster]:
    """One master and two workers with a core each; all of them are gone at the end."""
    port, page = free_port(), free_port()
    # Not SPARK_REMOTE, even empty: workers would leave Spark SQL out of their executors' classes.
    environment = environments.clean(
        JAVA_HOME=str(java_home),
        SPARK_LOCAL_IP="127.0.0.1",
        PYSPARK_PYTHON=sys.executable,
        SPARK_LOG_DIR=str(folder),
    )
    url = f"spark://127.0.0.1:{port}"
    master = ["--host", "127.0.0.1", "--port", str(port), "--webui-port", str(page)]
    with ExitStack() as started:
        command: list[str | Path] = [SPARK_CLASS, f"{DEPLOY}.master.Master", *master]
        started.enter_context(process(command, environment, folder / "master.log"))
        folders = (folder / "worker-1", folder / "worker-2")
        workers = tuple(
            started.enter_context(
                process(
                    [
                        *(SPARK_CLASS, f"{DEPLOY}.worker.Worker", "--host", "127.0.0.1"),
                        *("--cores", "1", "--memory", "1g", "--webui-port", "0"),
                        *("--work-dir", str(work), url),
                    ],
                    environment,
                    folder / f"{work.name}.log",
                )
            )
            for work in folders
        )
        cluster = Cluster(url, f"http://127.0.0.1:{page}/json/", workers, folders)
        until(lambda: _has_workers(cluster), START_SECONDS, "two registered workers")
        yield cluster


def _has_workers(cluster: Cluster) -> bool:
    try:
        return int(cluster.state()["aliveworkers"]) == len(cluster.workers)
    except (OSError, ValueError):  # a master that is about to start shows a page of HTML
        return False
