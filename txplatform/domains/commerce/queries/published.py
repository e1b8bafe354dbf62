"""Every path of commerce's lists and rows, once: the table that it is, its order, its narrowing.

Published projects had names of their own for the same tables; each is a line here.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple


class Published(NamedTuple):
    """A table under a path."""

    table: str
    sort: str | None = None
    only: Mapping[str, Any] = {}


LISTS = {
    "/clients": Published("clients"),
    "/dim_clients": Published("clients"),
    "/top-clients": Published("clients", "-net_amount", {"is_anonymous": False}),
    "/products": Published("sales_product"),
    "/dim_produits": Published("sales_product"),
    "/kpis/produits": Published("sales_product"),
    "/kpis/top_produits_ca": Published("sales_product", "-net_amount"),
    "/monthly": Published("sales_month"),
    "/facts/ca_mois": Published("sales_month"),
    "/agg_mois": Published("sales_month"),
    "/facts/ca_semaine": Published("sales_week"),
    "/agg_semaine": Published("sales_week"),
    "/facts/ca_jour": Published("sales_day"),
    "/agg_jour": Published("sales_day"),
    "/dim_dates": Published("sales_day"),
    "/facts/ca_heure": Published("sales_hour"),
    "/countries": Published("sales_country"),
    "/facts/ca_pays": Published("sales_country"),
    "/ca_par_pays": Published("sales_country"),
    "/kpis/croissance": Published("growth"),
    "/kpis/rfm": Published("rfm_segments"),
    "/kpis/clv_detail": Published("customer_value", "-clv"),
    "/kpis/clv_pays": Published("value_by_country", "-clv"),
    "/analytics/saisonnalite_jour": Published("seasonality", only={"dimension": "weekday"}),
    "/analytics/saisonnalite_heure": Published("seasonality", only={"dimension": "hour"}),
    "/analytics/saisonnalite_mois": Published("seasonality", only={"dimension": "month"}),
    "/analytics/concentration_summary": Published("concentration"),
    "/analytics/cohortes_total": Published("cohort_totals"),
    "/customer-values": Published("customer_value", "-clv"),
    "/values-by-country": Published("value_by_country", "-clv"),
    "/model-fits": Published("model_fits", "-part"),
    "/model-holdout": Published("model_holdout", "-cut"),
    "/churn-report": Published("churn_report"),
}
ROWS = {
    "/kpis": "kpis",
    "/kpis/globaux": "kpis",
    "/stats/summary": "kpis",
    "/kpis/retention_global": "activity_summary",
    "/kpis/retention_summary": "activity_summary",
}
"""Tables of one row."""

LINES = ("/fact_achats", "/achats")
"""The lines of orders."""

COLLECTIONS = {path.strip("/"): one.table for path, one in LISTS.items()}
COLLECTIONS |= {path.strip("/"): "lines" for path in LINES}
"""What the published projects called their collections, and the table that each is."""
