"""What is computed before the first run: both ways in which Spark runs a query, to the end."""

from typing import Any

import pyarrow as pa
import pytest
from pyspark.sql import SparkSession

from txplatform.connectors import spark as spark_connector
from txplatform.domains.spend.transforms.weekly import weekly_transactions
from txplatform.orchestration import rehearsal


def test_a_week_and_a_backfill_are_computed(
    spark: SparkSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiles, computed = [], []

    class Watched:
        """A DataFrame that notes how its query runs, and what it gives."""

        def __init__(self, frame: Any) -> None:
            self._frame = frame

        def toArrow(self) -> pa.Table:  # noqa: N802 - Spark's name
            compiles.append(spark.conf.get("spark.sql.codegen.wholeStage"))
            computed.append(self._frame.toArrow())
            return computed[-1]

    monkeypatch.setattr(
        rehearsal, "weekly_transactions", lambda *of: Watched(weekly_transactions(*of))
    )

    rehearsal.compute(spark)

    assert compiles == ["false", "true"]
    assert [rows.num_rows for rows in computed] == [1, 2 * spark_connector.INTERPRETED_ROWS]
