"""The assets of commerce: from files through bronze, silver and gold to API, BI and pages.

What computes is imported when it runs: polars takes a second, which every other run would pay.
"""

from collections.abc import Iterator
from datetime import date

import dagster as dg

from txplatform.domains.commerce import tables
from txplatform.orchestration.metadata import schema_of
from txplatform.orchestration.resources import SPARK_POOL, SparkResource
from txplatform.platform import Platform


def key(name: str) -> dg.AssetKey:
    """The key of an asset of commerce."""
    return dg.AssetKey(["commerce", name])


class Choice(dg.Config):
    """What may be chosen for one run; unset, the settings' choice."""

    as_of: str | None = None
    engine: str | None = None


@dg.asset(key=key("bronze"), kinds={"parquet"})
def bronze(platform: dg.ResourceParam[Platform]) -> dg.MaterializeResult[None]:
    """The shop's files as they arrived, byte by byte, and their rows as text.

    Materialising it takes in the files of the drop folder; without one it counts what is there.
    """
    from txplatform.domains.commerce.computation import refresh

    files = refresh.take_in_drop_folder(platform) if refresh.has_drop_folder(platform) else []
    return dg.MaterializeResult(metadata={"files": files})


@dg.asset(key=key("silver"), deps=[bronze], kinds={"parquet"}, pool=SPARK_POOL)
def silver(
    context: dg.AssetExecutionContext,
    config: Choice,
    platform: dg.ResourceParam[Platform],
    spark: SparkResource,
) -> dg.MaterializeResult[None]:
    """Lines of orders and customers, read and judged; what was refused, with the reason.

    Rows read are new, unchanged, corrected or quarantined, and so are their amounts.
    """
    from txplatform.domains.commerce.computation import refresh

    run_id = context.run.run_id
    told, count = refresh.take_in_waiting(platform, config.engine, spark.open, run_id)
    return dg.MaterializeResult(metadata={"files": told, "dagster/row_count": count})


GOLD = [
    dg.AssetSpec(
        key(name),
        deps=[silver],
        description=table.comment,
        kinds={"parquet", "table"},
        metadata={"dagster/column_schema": schema_of(table)},
    )
    for name, table in tables.GOLD.items()
]


@dg.multi_asset(name="commerce__gold", specs=GOLD, pool=SPARK_POOL)
def gold(
    context: dg.AssetExecutionContext,
    config: Choice,
    platform: dg.ResourceParam[Platform],
    spark: SparkResource,
) -> Iterator[dg.MaterializeResult[None]]:
    """Every table of customers, sales and models, current together."""
    from txplatform.domains.commerce.computation import refresh

    as_of = date.fromisoformat(config.as_of) if config.as_of else None
    with refresh.engine_of(platform, config.engine, spark.open) as engine:
        made = refresh.compute(platform, engine, as_of, context.run.run_id)
    for spec in GOLD:
        facts = {"dagster/row_count": made.rows(spec.key.path[-1]), "version": made.number}
        yield dg.MaterializeResult(asset_key=spec.key, metadata=facts)


@dg.asset(key=key("collections"), deps=GOLD, kinds={"mongodb"})
def collections(platform: dg.ResourceParam[Platform]) -> dg.MaterializeResult[None]:
    """Gold as MongoDB's collections gold_<table>, which the API reads; each replaced at once."""
    from txplatform.domains.commerce.computation import refresh

    return dg.MaterializeResult(metadata={"version": refresh.copy_to_mongo(platform).number})


@dg.asset(key=key("postgres_tables"), deps=GOLD, kinds={"postgresql"})
def postgres_tables(platform: dg.ResourceParam[Platform]) -> dg.MaterializeResult[None]:
    """Gold as tables of the schema commerce, which BI reads; replaced in one transaction."""
    from txplatform.domains.commerce.computation import refresh

    return dg.MaterializeResult(metadata={"version": refresh.copy_to_postgres(platform).number})


PAGES = dg.AssetSpec(
    key("pages"),
    deps=[collections, postgres_tables],
    description="What analysts look at: the dashboard's pages, the API, BI and the exports.",
    kinds={"streamlit"},
)
ASSETS = (bronze, silver, gold, collections, postgres_tables)
