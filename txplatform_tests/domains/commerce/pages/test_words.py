"""The words of the page: each name that the models give has its text, in both languages."""

import pytest

from txplatform.domains.commerce.models import bars, churn_report
from txplatform.domains.commerce.models.churn_features import FEATURES
from txplatform.domains.commerce.pages import leaving
from txplatform.domains.commerce.queries import values
from txplatform.domains.commerce.queries.values import Order
from txplatform.domains.commerce.tables import expectations
from txplatform.serving.dashboard import texts

PREDICTORS = ("model", "last_period", "yearly_formula", "recency", "money")


@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_every_name_of_the_models_has_its_text(language: str) -> None:
    known = texts.catalogue(language, "commerce")
    wanted = [
        *(f"predictor.{name}" for name in PREDICTORS),
        *(f"feature.{name}" for name in (*FEATURES, churn_report.NONE_WITHIN)),
        *(f"order.{order}" for order in Order),
        *(f"trust.{bar}" for bar in ("error_bar", "ranking_bar", "decile_bar")),
        *(f"fit.{part}" for part in ("repeat_buying", "occasion_value")),
        *(f"column.{column.name}" for column in values.CUSTOMERS),
        *(f"leaving.{'_'.join(figure)}" for figure in leaving.FIGURES),
        *(f"leaving.{'_'.join(figure)}_help" for figure in leaving.FIGURES),
        *(f"leaving.{verdict}" for verdict in leaving.VERDICTS.values()),
    ]

    assert [key for key in wanted if key not in known] == []


def test_the_page_knows_every_verdict_on_churn() -> None:
    assert set(leaving.VERDICTS) == {churn_report.NO_BETTER, churn_report.WORSE}


def test_tables_are_declared_as_the_models_make_them() -> None:
    """In the same order, so that a table is what its declaration explains."""
    made = {
        "model_holdout": bars.HOLDOUT_SCHEMA,
        "churn": churn_report.CHURN_SCHEMA,
        "churn_report": churn_report.REPORT_SCHEMA,
    }

    for name, schema in made.items():
        declared = [column.name for column in getattr(expectations, name).columns]
        assert schema.names == declared
