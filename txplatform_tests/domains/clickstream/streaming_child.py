"""Jobs in a process of their own, to be killed: `python -m ... (go|hold):FOLDER...`.

Each folder is that of an installation of `jobs.py`. With `hold` a job stays where it is after its
first commit, before Spark notes that the batch is done. Several share one Spark, so that a single
kill hits each of them where it stands.
"""

import json
import sys
import threading
import time
from pathlib import Path

from pyspark.sql import SparkSession

from txplatform.domains.clickstream.settings import ClickstreamSettings
from txplatform.domains.clickstream.sources.logs import log_of
from txplatform.domains.clickstream.stream import query
from txplatform.domains.clickstream.stream.batch import Outcome
from txplatform.domains.clickstream.stream.job import job_of
from txplatform.settings import Settings, exported, load_settings


def process(folder: Path, settings: Settings, is_held: bool, lent: SparkSession | None) -> None:
    """Process the log of an installation until it is empty."""

    def note(outcome: Outcome) -> None:
        with (folder / "said").open("a", encoding="utf-8") as file:
            file.write(f"{outcome.read} {outcome.skipped}\n")
        while is_held:
            time.sleep(1)

    job_of(settings, log_of(settings)).run(is_until_empty=True, on_batch=note, lent=lent)


def settings_of(folder: Path) -> Settings:
    """The settings of an installation, those of the domain too: they are read when asked for."""
    with exported(**json.loads((folder / "variables.json").read_text(encoding="utf-8"))):
        settings = load_settings()
        settings.of(ClickstreamSettings)
        return settings


def main(words: list[str]) -> None:
    """One job on a Spark of its own, or several on one."""
    plays = [
        (Path(path), how == "hold") for how, _, path in (word.partition(":") for word in words)
    ]
    if len(plays) == 1:
        ((folder, is_held),) = plays
        return process(folder, settings_of(folder), is_held, None)
    spark = query.session(settings_of(plays[0][0]))
    threads = [
        threading.Thread(
            target=process, args=(folder, settings_of(folder), is_held, spark.newSession())
        )
        for folder, is_held in plays
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return None


if __name__ == "__main__":
    main(sys.argv[1:])
