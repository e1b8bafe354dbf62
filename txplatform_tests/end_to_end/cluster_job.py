"""Alerts and the weekly table on whatever Spark the settings name: a process for a test.

python -m txplatform_tests.end_to_end.cluster_job FILE
"""

import sys
from pathlib import Path

from txplatform.connectors import spark, spark_config
from txplatform.domains.spend import alerting, computation, planning, publishing
from txplatform.embedded.java import java_home
from txplatform.periods import WEEK, mondays, ranges
from txplatform.platform import opened

WEEKS_PER_RUN = 20


def main(file: Path) -> None:
    """Publish the alerts of all weeks, then every week range by range; a line after each."""
    with opened() as platform, file.open("w", encoding="utf-8") as said:
        settings = platform.settings
        session = spark.session(spark_config.session_config(settings), lambda: java_home(settings))
        weeks = planning.all_weeks(platform)
        for found in alerting.find(platform, session, weeks):
            publishing.publish_alerts(platform.engine, found, "on a cluster")
        said.write("alerts of all weeks\n")
        said.flush()
        for first, last in ranges(weeks, WEEK, WEEKS_PER_RUN):
            wanted = mondays(first, last)
            computed = computation.compute(platform, lambda: session, wanted)
            publishing.publish(platform.engine, computed, "on a cluster")
            said.write(f"{first} to {last}\n")
            said.flush()
        session.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
