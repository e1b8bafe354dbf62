"""A job in a process of its own, to be killed: `python -m ... SAYS_FILE [hold]`.

With `hold` it stays where it is after the first commit, before Spark notes that the batch is done.
"""

import sys
import time
from pathlib import Path

from txplatform.domains.clickstream.sources.logs import log_of
from txplatform.domains.clickstream.stream.batch import Outcome
from txplatform.domains.clickstream.stream.job import job_of
from txplatform.settings import load_settings


def main(said: Path, is_held: bool) -> None:
    """Process the log of the environment's settings until it is empty."""

    def note(outcome: Outcome) -> None:
        with said.open("a", encoding="utf-8") as file:
            file.write(f"{outcome.read} {outcome.skipped}\n")
        while is_held:
            time.sleep(1)

    settings = load_settings()
    job_of(settings, log_of(settings)).run(is_until_empty=True, on_batch=note)


if __name__ == "__main__":
    main(Path(sys.argv[1]), "hold" in sys.argv[2:])
