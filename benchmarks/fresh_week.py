"""The fresh process of `one_week.py`: open everything, compute a week, publish it.

    python benchmarks/fresh_week.py WAY STATE MONDAY

Nothing heavy is imported before the way is known: a process of the product begins its JVM first.
"""

import json
import sys
from collections.abc import Iterable
from datetime import date
from typing import Any

from txplatform.embedded import jvm
from txplatform.settings import Settings, load_settings


def session(settings: Settings, way: str) -> Any:
    """Spark as the way has it: warm, cold, or cold with Spark's defaults."""
    from txplatform.connectors import spark, spark_config
    from txplatform.embedded.connect import warm_remote
    from txplatform.embedded.java import java_home, program

    remote = warm_remote(settings) if way == "connect" else None
    config = spark_config.session_config(settings, remote)
    if way == "stock":
        own = program(settings).resolve().parents[1] / "lib" / "server" / "classes.jsa"
        kept = (spark_config.MASTER, "spark.sql.session.timeZone")
        # Of two archives the last one counts: Java's own, without Spark's classes.
        java = {spark_config.JAVA_OPTIONS: f"-XX:SharedArchiveFile={own}"}
        config = {key: config[key] for key in kept} | java
    return spark.session(config, lambda: java_home(settings), jvm.variables)


def compute(way: str, state: str, week: date) -> list[str]:
    """The week's rows, once they are in PostgreSQL."""
    settings = load_settings(state_dir=state)
    if way == "cold":
        jvm.begin(settings)
    from txplatform.domains.spend import computation, publishing, tables
    from txplatform.platform import opened

    engine = "mongo" if way == "mongo" else "spark"
    with opened(state_dir=state, engine=engine) as platform:
        computed = computation.compute(platform, lambda: session(platform.settings, way), [week])
        publishing.publish(platform.engine, computed, "benchmark")
        rows = computed[week].select([*tables.WEEKLY_KEY, *tables.WEEKLY_VALUES])
        return sorted(map(str, rows.to_pylist()))


def hash_of(content: Iterable[str]) -> str:
    """The same for the same rows, in every process."""
    import hashlib

    return hashlib.blake2b("|".join(content).encode(), digest_size=8).hexdigest()


if __name__ == "__main__":
    found = compute(sys.argv[1], sys.argv[2], date.fromisoformat(sys.argv[3]))
    sys.stdout.write("\n" + json.dumps({"rows": len(found), "content": hash_of(found)}) + "\n")
