"""Who writes SQL in Superset, read in Superset's own environment; it imports nothing of txplatform.

Superset lets everybody who may look at a dataset write SQL of his own into a chart: as a column, a
metric, a condition or an order. It keeps out some subqueries, and neither `ARRAY(SELECT ...)` nor
functions that run a query of their own: these read past a limit of rows. So whoever may not use SQL
Lab may not write SQL in charts either: columns, metrics and aggregates of the dataset remain.
"""

from collections.abc import Iterator, Mapping, Set
from typing import Any

TIME = "__timestamp"
"""What Superset calls the time column that a query names elsewhere."""

COUNT = "COUNT(*)"
"""What Superset itself asks for beside a sample of rows."""

GROUPED = ("columns", "groupby", "series_columns")
CONDITIONS = ("where", "having")
SQL_LAB = ("can_execute_sql_query", "SQLLab")
"""The permission of who writes SQL: administrators, and whoever has Superset's role sql_lab."""

REFUSAL = (
    "Your login writes no SQL: take columns, metrics and simple aggregates of the dataset, or ask "
    "an administrator for a metric."
)


def own_sql(query: Mapping[str, Any], columns: Set[str]) -> Iterator[str]:
    """What a chart's query says in SQL beyond the names of columns.

    Args:
        query: as the page asks it: columns, metrics, filters, order, extras.
        columns: of its dataset, by name.
    """
    names = columns | {TIME}
    for part in GROUPED:
        for one in query.get(part) or []:
            if not isinstance(one, Mapping) and str(one) not in names:
                yield str(one)
    for key, said in _said(query):
        if said and not (key == "sqlExpression" and str(said) in names | {COUNT}):
            yield str(said)


def _said(value: Any) -> Iterator[tuple[str, Any]]:
    """Everything at the keys where Superset takes SQL, however deep."""
    if isinstance(value, Mapping):
        for key, one in value.items():
            if key == "sqlExpression" or key in CONDITIONS:
                yield key, one
            else:
                yield from _said(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _said(one)


def guard(app: Any) -> None:  # noqa: ARG001 - what Superset calls with its app when it starts
    """Refuse, where a query becomes SQL whoever asks for it, the SQL of who has no SQL Lab."""
    from superset import security_manager
    from superset.errors import ErrorLevel, SupersetError, SupersetErrorType
    from superset.exceptions import SupersetSecurityException
    from superset.models.helpers import ExploreMixin

    unguarded = ExploreMixin.get_sqla_query

    def get_sqla_query(source: Any, **query: Any) -> Any:
        columns = {one.column_name for one in source.columns}
        if any(own_sql(query, columns)) and not security_manager.can_access(*SQL_LAB):
            kind, level = SupersetErrorType.ADHOC_SUBQUERY_NOT_ALLOWED_ERROR, ErrorLevel.ERROR
            error = SupersetError(message=REFUSAL, error_type=kind, level=level)
            raise SupersetSecurityException(error)
        return unguarded(source, **query)

    ExploreMixin.get_sqla_query = get_sqla_query
