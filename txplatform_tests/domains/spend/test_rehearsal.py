"""What is computed before the first run: a week and a backfill, to the end."""

from pyspark.sql import SparkSession

from txplatform.connectors.spark import INTERPRETED_ROWS
from txplatform.domains.spend import rehearsal


def test_a_week_and_a_backfill_are_computed(spark: SparkSession) -> None:
    few, many = rehearsal.rehearse(spark)

    assert few <= INTERPRETED_ROWS < many
