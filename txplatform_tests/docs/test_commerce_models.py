"""docs/commerce.md tells of the models what the reference answers say, and their own limits."""

import re

import pytest

from txplatform.domains.commerce.models import churn, churn_report, holdout
from txplatform.domains.commerce.models import occasion_values as value
from txplatform.domains.commerce.models import repeat_buying as often
from txplatform.domains.commerce.models.bg_nbd import HIGHEST_A
from txplatform.domains.commerce.models.ranking import BOOTSTRAP_SAMPLES
from txplatform.domains.commerce.settings import CommerceSettings
from txplatform_tests.architecture.source_tree import ROOT
from txplatform_tests.domains.commerce.models import test_reference_answers as reference

PAGE = (ROOT / "docs" / "commerce.md").read_text(encoding="utf-8")
TEXT = re.sub(r"\s+", " ", PAGE)
SHOPS = {"clients": "clients_achats", "retail": "online_retail", "cdnow": "cdnow"}
each_shop = pytest.mark.parametrize("name", SHOPS)


def row(shop: str, cells: int) -> list[str]:
    """The cells of a shop's row in the table with so many columns."""
    rows = (line.strip("| ").split(" | ") for line in PAGE.splitlines() if line.startswith("|"))
    (found,) = [row for row in rows if row[0] == shop and len(row) == cells]
    return found[1:]


@each_shop
def test_holdouts_are_those_of_the_reference(name: str) -> None:
    cut, customers, expected, actual, ratio = reference.HOLDOUT[name]
    met = ", ".join(bar or "-" for bar in reference.BARS[name])

    shown_cut, shown_customers, occasions, shown_ratio, errors, shown_bars = row(SHOPS[name], 7)

    assert shown_cut == str(cut)
    assert shown_customers == f"{customers:,}"
    assert occasions == f"{expected:,} / {actual:,}"
    assert shown_ratio == f"{ratio:.4f}"
    assert shown_bars == met
    shown = [float(error) for error in errors.split(", ")]
    assert shown == pytest.approx(reference.ERRORS[name], abs=0.011)


@each_shop
def test_churn_is_that_of_the_reference(name: str) -> None:
    base, (none_within, _), (auc, brier), chance = reference.CHURN[name]

    shown = [float(cell.split(",")[0]) for cell in row(SHOPS[name], 6)]

    assert shown == pytest.approx([base, auc, none_within, brier, chance], abs=0.0006)


@pytest.mark.parametrize(
    "sentence",
    [
        f"less than {often.LEAST_GAIN:.0f} in log-likelihood",
        f"gains less than {value.LEAST_GAIN:.0f} in log-likelihood",
        f"correlation beyond {value.HIGHEST_CORRELATION}",
        f"(a above {HIGHEST_A})",
        f"interval of {BOOTSTRAP_SAMPLES} samples",
        f"`as_of` less {holdout.HORIZON_DAYS} days",
        f"at most {holdout.HIGHEST_ERROR_SHARE} of the yearly formula's",
        f"at most {holdout.GINI_TOLERANCE} below the better",
        f"at most {holdout.HIGHEST_DECILE_ERROR:.2f}, asked only",
        f"AUC above {churn.HIGHEST_AUC} or below {1 - churn.HIGHEST_AUC:.2f}",
        f'AUC under {churn_report.GUESSING} is "{churn_report.NO_BETTER}"',
        f"more than {churn_report.TOLERANCE} below",
        f'is "{churn_report.WORSE}"',
        f"Fewer than {churn.FEWEST_CUSTOMERS} customers",
        f"fewer than {3 * churn.HORIZON.days} days of history",
        f'"{holdout.NO_SIGNAL}"',
        f'"{holdout.SEASON_UNKNOWN}"',
    ],
)
def test_limits_are_those_of_the_code(sentence: str) -> None:
    assert sentence in TEXT


def test_the_discount_is_the_settings_default() -> None:
    discount = CommerceSettings.model_fields["monthly_discount"].default

    assert f"discount of {discount:.0%}".replace("%", " %") in TEXT
    assert "TXPLATFORM_COMMERCE_MONTHLY_DISCOUNT" in TEXT
