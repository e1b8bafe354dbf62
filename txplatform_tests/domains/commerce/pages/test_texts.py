"""The texts of the pages: each name that the models give has its own, in both languages."""

from datetime import timedelta

import numpy as np
import pytest

from txplatform.domains.commerce import rules
from txplatform.domains.commerce.models import churn, churn_report, occasion_values
from txplatform.domains.commerce.models.churn import FEATURES
from txplatform.domains.commerce.models.maximum import Maximum
from txplatform.domains.commerce.models.occasions import Histories
from txplatform.domains.commerce.pages import value
from txplatform.domains.commerce.transforms.customers import issues
from txplatform.serving.dashboard import texts
from txplatform_tests.domains.commerce.models.histories import FIRST_DAY
from txplatform_tests.domains.commerce.models.published_shops import occasions
from txplatform_tests.domains.commerce.pages.test_rendering import reader

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
        *(f"asked.{name}" for name in rules.RULES if name.isupper()),
        *(f"leaving.{'_'.join(figure)}" for figure in value.FIGURES),
        *(f"leaving.{'_'.join(figure)}_help" for figure in value.FIGURES),
        *(f"leaving.{verdict}" for verdict in value.VERDICTS.values()),
    ]

    assert [key for key in wanted if key not in known] == []


def test_the_page_knows_every_verdict_on_churn() -> None:
    assert set(value.VERDICTS) == {churn_report.NO_BETTER, churn_report.WORSE}


SIMPLE = Maximum((1.0, 2.0), -1.25, has_converged=True)


def rich(q: float, has_converged: bool = True) -> Maximum:
    """A fit of Gamma-Gamma, which explains little more than one gamma."""
    return Maximum((1.0, q, 3.0), -1.0, has_converged)


HISTORIES = Histories(*np.zeros((5, 2), np.int64))
SENTENCES = {
    "history": "No model: 120 days of history, and 270 are needed.",
    "customers": "No model: 7 customers to learn from, and 100 are needed.",
    "outcomes": "No model: in 90 days either every customer came or none did.",
    "converge": occasion_values._reason(rich(2.0, has_converged=False), SIMPLE),
    "gain": occasion_values._reason(rich(2.0), SIMPLE),
    "mean": occasion_values._reason(rich(0.5), SIMPLE),
    "few": occasion_values.fit_occasion_values(HISTORIES).fallback_reason,
    "correlation": occasion_values.ValueFit(
        occasion_values.PooledMean(1.0), None, None, 9, -0.45, ""
    ).warning,
}


@pytest.mark.parametrize("name", value.REASONS)
def test_what_a_model_says_of_itself_is_said_in_both_languages(name: str) -> None:
    told = [value.reason(reader(locale), SENTENCES[name]) for locale in ("en_GB", "fr_FR")]

    known = [texts.catalogue(language, "commerce")[f"reason.{name}"] for language in ("en", "fr")]
    begins = [one.partition("{")[0] for one in known]
    assert all(one.startswith(begin) for one, begin in zip(told, begins, strict=True))
    assert told[0] != told[1]
    assert "{" not in "".join(told)


def test_numbers_of_reasons_are_written_as_the_reader_does() -> None:
    assert "-0,45" in value.reason(reader("fr_FR"), SENTENCES["correlation"])
    assert "0.25" in value.reason(reader(), SENTENCES["gain"])


def test_the_reasons_of_churn_are_those_that_it_gives() -> None:
    shop = occasions([("Ann", FIRST_DAY, 100)])
    young = churn._shortage(shop, FIRST_DAY + timedelta(days=120))
    empty = churn._shortage(shop, FIRST_DAY + timedelta(days=400))

    assert [young, empty] == [
        "No model: 120 days of history, and 270 are needed.",
        "No model: 1 customers to learn from, and 100 are needed.",
    ]
