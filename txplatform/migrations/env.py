"""Alembic's entry: runs on the connection that `migrations.upgrade` hands over."""

from alembic import context
from sqlalchemy import MetaData

from txplatform import domains
from txplatform.migrations import VERSION_TABLE
from txplatform.serving import tables as serving_tables

metadata: list[MetaData] = [
    serving_tables.metadata,
    *(module.metadata for module in domains.modules("tables")),
]

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
