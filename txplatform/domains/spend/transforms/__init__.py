"""How the spend tables are computed: DataFrame -> DataFrame, and what MongoDB sums beforehand.

No session, no I/O, no Dagster. `weekly.py` is weekly_transactions in Spark's DataFrame API;
`without_spark.py` gives the same rows in plain Python; `pushdown.py` is the one step that MongoDB
can do next to its index; `invariants.py` is what must hold of the result.
"""

CODE_VERSION = "1"
"""Raise it when a transform gives other rows for the same documents: every week is then stale."""
