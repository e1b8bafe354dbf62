"""Forgetting every result, so that the log is processed from its beginning."""

import shutil

from sqlalchemy import Engine, text

from txplatform.domains.clickstream.sources.event_log import EventLog
from txplatform.domains.clickstream.stream.job import Job
from txplatform.domains.clickstream.tables import metadata, stream_rules
from txplatform.errors import UsageError

LOCKS = text("""
    SELECT topic FROM (SELECT :topic AS topic UNION SELECT topic FROM clickstream.stream_jobs) jobs
    WHERE NOT pg_try_advisory_xact_lock(hashtext('clickstream'), hashtext(topic))""")
"""The topics whose jobs run; one of another topic would lose its positions under its hands."""


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
        if running := connection.execute(LOCKS, {"topic": log.topic}).scalars().first():
            raise UsageError(f"A job processes {running}: stop it first.")
        connection.execute(text(f"TRUNCATE {', '.join(str(table) for table in results)}"))
    shutil.rmtree(job.checkpoint, ignore_errors=True)
