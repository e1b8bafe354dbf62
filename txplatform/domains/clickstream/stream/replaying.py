"""Forgetting every result, so that the log is processed from its beginning."""

import shutil

from sqlalchemy import Engine, text

from txplatform.domains.clickstream.sources.event_log import EventLog
from txplatform.domains.clickstream.stream.job import Job
from txplatform.domains.clickstream.tables import metadata, stream_rules
from txplatform.errors import UsageError

LOCK = text("SELECT pg_try_advisory_xact_lock(hashtext('clickstream'), hashtext(:topic))")


def forget(engine: Engine, job: Job, log: EventLog) -> None:
    """Empty every table but the rules, and remove Spark's checkpoint.

    Raises:
        UsageError: a job runs, or the log no longer begins at its beginning.
    """
    cut = {partition: first for partition, first in log.beginnings().items() if first}
    if cut:
        raise UsageError(
            f"The log of {log.topic} no longer begins at its beginning (first offsets {cut}): a "
            "replay would lose what came before."
        )
    results = [table for table in metadata.sorted_tables if table is not stream_rules]
    with engine.begin() as connection:
        if not connection.execute(LOCK, {"topic": log.topic}).scalar_one():
            raise UsageError(f"A job processes {log.topic}: stop it first.")
        connection.execute(text(f"TRUNCATE {', '.join(str(table) for table in results)}"))
    shutil.rmtree(job.checkpoint, ignore_errors=True)
