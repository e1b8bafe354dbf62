"""What the forkserver imports before the first run: all that a run needs, and nothing opened.

No Spark session, no gRPC channel, no database connection, no thread: a fork would share or lose
it. (OpenBLAS and Arrow's allocator have one each, and stop or renew it at a fork by themselves.)
`orchestration/test_launcher_weekly.py` holds all this against what a run really does.
"""

import gc
from importlib import import_module

from txplatform import domains
from txplatform.connectors import mongo

MODULES = (
    "alembic.command",
    "dagster._cli.api",
    "dagster._core.definitions.repository_definition.repository_data_builder",
    "dagster._core.execution.plan.active",
    "dagster._core.executor.in_process",
    "dagster._core.instance.factory",
    "dagster._core.storage.local_compute_log_manager",
    "dagster._core.storage.migration.utils",
    "dagster._core.storage.root",
    "dagster._core.storage.sqlite_storage",
    "dagster._core.system_config.composite_descent",
    "dagster._core.utility_ops",
    "dagster._core.workspace.autodiscovery",
    "dagster._daemon.cli",  # multiprocessing imports the daemon's main module again in each fork
    "dagster._utils.test.definitions",  # Dagster imports it to load a code location
    "dagster_postgres",
    "grpc._auth",
    "grpc._channel",
    "grpc._plugin_wrapping",
    "pandas",
    "psycopg2.extras",
    "pyarrow.acero",
    "pyarrow.compute",
    "pyarrow.dataset",
    "pyarrow.parquet",
    "pymongo.synchronous.auth",
    "pyspark.sql.connect.dataframe",
    "pyspark.sql.connect.session",
    "pyspark.sql.connect.window",
    "pyspark.sql.pandas.types",
    "sqlalchemy.dialects.postgresql.psycopg2",
    "txplatform.definitions",
    "txplatform.embedded.connect",
    "txplatform.orchestration.run_process",
    "txplatform.orchestration.run_queue",
    "txplatform.serving.tables",
    "upath.implementations.local",
    "watchdog.observers.polling",
)

mongo.arrow_api()
for name in MODULES:
    import_module(name)
for _ in domains.modules("definitions"):
    pass

gc.collect()
gc.freeze()
"""Forks share memory until they write to it, and the collector would write to every object."""
