"""Writing down the merchants of all purchases, as the alerts were computed with them."""

from collections.abc import Sequence
from datetime import date

import pyarrow as pa
from sqlalchemy import Engine, Integer, cast, func, select, text

from txplatform import money
from txplatform.connectors import postgres
from txplatform.domains.spend.tables import merchant_weeks, merchants
from txplatform.domains.spend.tables.base import MONEY

STAGING = "staged_merchants"
VALUES = ("purchase_count", "total_amount", "first_day")


def publish_merchants(engine: Engine, found: pa.Table, run_id: str) -> None:
    """Make the table `merchants` those found; rows that stay the same are not touched.

    Args:
        engine: PostgreSQL.
        found: as `alerting.documents.merchants` reads them.
        run_id: the run that writes.
    """
    columns = ("merchant", *VALUES)
    declared = ", ".join(f"{name} {postgres.sql_type(merchants.c[name])}" for name in columns)
    with engine.begin() as connection:
        connection.execute(ONE_BY_ONE)
        connection.execute(text(f"CREATE TEMPORARY TABLE {STAGING} ({declared}) ON COMMIT DROP"))
        postgres.copy(connection, STAGING, found.select(columns))
        connection.execute(text(f"ANALYZE {STAGING}"))
        connection.execute(text(REMOVE))
        values = {"run_id": run_id, "now": postgres.now(connection)}
        connection.execute(text(WRITE), values)


def publish_merchant_weeks(engine: Engine, weeks: Sequence[date], found: pa.Table) -> None:
    """Make the merchants of these weeks those found (columns of `merchant_weeks`)."""
    with engine.begin() as connection:
        connection.execute(ONE_BY_ONE)
        of_weeks = merchant_weeks.delete().where(merchant_weeks.c.week_start.in_(weeks))
        connection.execute(of_weeks)
        postgres.copy(connection, merchant_weeks.name, found)


def merchants_of_all_weeks(engine: Engine) -> pa.Table:
    """Every merchant, summed up over the weeks that are kept: as `publish_merchants` takes them."""
    kept = merchant_weeks.c
    statement = select(
        kept.merchant,
        cast(func.sum(kept.purchase_count), Integer).label("purchase_count"),
        cast(func.least(func.sum(kept.total_amount), money.LARGEST), MONEY).label("total_amount"),
        func.min(kept.first_day).label("first_day"),
    ).group_by(kept.merchant)
    with engine.connect() as connection:
        return postgres.read(connection, statement)


ONE_BY_ONE = text("SELECT pg_advisory_xact_lock(hashtext('spend.merchants'))")
"""One after the other: two runs that write the same rows would wait for each other."""

REMOVE = f"""
    DELETE FROM merchants m
    WHERE NOT EXISTS (SELECT FROM {STAGING} s WHERE s.merchant = m.merchant)"""  # noqa: S608 - constants

WRITE = f"""
    INSERT INTO merchants (merchant, {", ".join(VALUES)}, computed_at, run_id)
    SELECT merchant, {", ".join(VALUES)}, :now, :run_id FROM {STAGING} s
    WHERE NOT EXISTS (SELECT FROM merchants m WHERE m.merchant = s.merchant
        AND ({", ".join(f"m.{name}" for name in VALUES)})
            IS NOT DISTINCT FROM ({", ".join(f"s.{name}" for name in VALUES)}))
    ON CONFLICT (merchant) DO UPDATE
    SET (computed_at, run_id, {", ".join(VALUES)})
        = (excluded.computed_at, excluded.run_id,
           {", ".join(f"excluded.{name}" for name in VALUES)})"""  # noqa: S608 - constants
