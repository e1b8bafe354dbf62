"""The weekly table on whatever Spark the settings name: a process of its own for a test.

python -m txplatform_tests.end_to_end.cluster_job FILE
"""

import sys
from pathlib import Path

from txplatform.connectors import spark, spark_config
from txplatform.domains.spend import computation, planning, publishing
from txplatform.embedded.java import java_home
from txplatform.periods import WEEK, mondays, ranges
from txplatform.platform import opened

WEEKS_PER_RUN = 20


def main(file: Path) -> None:
    """Compute and publish every week, range by range; a line in the file after each."""
    with opened() as platform, file.open("w", encoding="utf-8") as said:
        settings = platform.settings
        session = spark.session(spark_config.session_config(settings), lambda: java_home(settings))
        for first, last in ranges(planning.all_weeks(platform), WEEK, WEEKS_PER_RUN):
            wanted = mondays(first, last)
            computed = computation.compute(platform, lambda: session, wanted)
            publishing.publish(platform.engine, computed, "on a cluster")
            said.write(f"{first} to {last}\n")
            said.flush()
        session.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
