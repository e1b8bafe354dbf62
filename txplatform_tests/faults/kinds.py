"""The kinds of faults: what strikes, at which moments, how often, and what it needs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from txplatform_tests.faults import strikes
from txplatform_tests.faults.strikes import Scene

BARE, SMALL_DISK, CLUSTER, UI, AIRFLOW = "nothing", "a small disk", "a cluster", "UI", "Airflow"
ORDER = (BARE, SMALL_DISK, CLUSTER, UI, AIRFLOW)
MOST_WITH_JAVA = 2
OWN_JVM = {"TXPLATFORM_SPEND_ENGINE": "spark", "TXPLATFORM_SPARK_IDLE_MINUTES": "0"}


@dataclass(frozen=True)
class Kind:
    """A kind of fault; `weight` is its share among a hundred."""

    name: str
    weight: int
    moments: tuple[str, ...]
    strike: Callable[[Scene], bool] | None = None
    """What breaks something while one command is under way; None: see `campaign.py`."""
    needs: str = BARE
    variables: Mapping[str, str] = field(default_factory=dict)
    most_strikes: int = 9
    """How often it may strike before the work is finished; fewer where each try takes long."""


ALL = (
    Kind("kill -9 of the command", 16, ("ingesting", "computing", "writing"), strikes.kill_command),
    Kind(
        "kill -9 while alerts are found",
        3,
        ("alerting",),
        strikes.kill_command,
        most_strikes=MOST_WITH_JAVA,
    ),
    Kind("kill -9 of a withdrawal", 5, ("withdrawing",), strikes.kill_command),
    Kind("kill -9 of the API", 4, ("deciding",), strikes.kill_command),
    Kind(
        "kill -9 of MongoDB",
        12,
        ("ingesting", "computing", "alerting", "ingesting", "computing"),
        strikes.kill_mongod,
    ),
    Kind(
        "kill -9 of PostgreSQL",
        14,
        ("ingesting", "computing", "writing", "deciding", "writing", "deciding", "alerting"),
        strikes.kill_postgres,
    ),
    Kind(
        "kill -9 of Java",
        3,
        ("computing",),
        strikes.kill_jvm,
        variables=OWN_JVM,
        most_strikes=MOST_WITH_JAVA,
    ),
    Kind(
        "kill -9 of the warm Spark",
        2,
        ("alerting",),
        strikes.kill_jvm,
        most_strikes=MOST_WITH_JAVA,
    ),
    Kind(
        "server stopped for 5 s",
        6,
        ("ingesting", "computing", "writing", "deciding"),
        strikes.stop_server,
    ),
    Kind("connection cut", 7, ("writing",), strikes.cut_connection),
    Kind("disk full", 6, ("ingesting", "writing", "computing"), strikes.fill_disk, SMALL_DISK),
    Kind(
        "statement cancelled",
        10,
        ("ingesting", "computing", "writing", "deciding"),
        strikes.cancel_statement,
    ),
    Kind("runs of overlapping weeks", 6, ("computing",)),
    Kind("ingestion during computation", 6, ("computing",)),
    Kind("kill -9 of a station's import or run", 2, ("taking in or computing a station",)),
    Kind("kill -9 of a shop's run", 2, ("ingesting or computing a shop",)),
    Kind("kill -9 of the stream's job", 5, ("streaming",)),
    Kind("PostgreSQL away for a minute", 1, ("streaming",)),
    Kind("kill -9 of a Spark worker", 1, ("computing",), needs=CLUSTER),
    Kind("kill -9 of Dagster's run worker", 3, ("computing", "writing"), needs=UI),
    Kind("kill -9 of Dagster's daemon", 1, ("computing",), needs=UI),
    Kind("kill -9 of an Airflow worker", 1, ("computing",), needs=AIRFLOW),
)
BY_NAME = {kind.name: kind for kind in ALL}
