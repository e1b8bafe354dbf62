"""The words of the page: each name that the models give has its text, in both languages."""

import pytest

from txplatform.domains.commerce import rules
from txplatform.domains.commerce.models import churn_report
from txplatform.domains.commerce.models.churn_features import FEATURES
from txplatform.domains.commerce.pages import leaving, value
from txplatform.domains.commerce.transforms.customers import issues
from txplatform.serving.dashboard import texts

PREDICTORS = ("model", "last_period", "yearly_formula", "recency", "money")


@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_every_name_of_the_models_has_its_text(language: str) -> None:
    known = texts.catalogue(language, "commerce")
    wanted = [
        *(f"predictor.{name}" for name in PREDICTORS),
        *(f"feature.{name}" for name in (*FEATURES, churn_report.NONE_WITHIN)),
        *(f"order.{order}" for order in value.ORDERS),
        *(f"trust.{bar}" for bar in ("error_bar", "ranking_bar", "decile_bar")),
        *(f"fit.{part}" for part in ("repeat_buying", "occasion_value")),
        *(f"column.{column}" for column in (*value.CUSTOMERS, *value.HELD)),
        *(f"column.{field}" for field in rules.FIELDS),
        *(f"rule.{name}" for name in (*rules.RULES, *issues()) if not name.endswith(rules.PRESENT)),
        *(f"leaving.{'_'.join(figure)}" for figure in leaving.FIGURES),
        *(f"leaving.{'_'.join(figure)}_help" for figure in leaving.FIGURES),
        *(f"leaving.{verdict}" for verdict in leaving.VERDICTS.values()),
    ]

    assert [key for key in wanted if key not in known] == []


def test_the_page_knows_every_verdict_on_churn() -> None:
    assert set(leaving.VERDICTS) == {churn_report.NO_BETTER, churn_report.WORSE}
