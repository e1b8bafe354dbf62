"""What alerts say, in both languages."""

import pytest

from txplatform.domains.spend.rules.catalogue import load_rules
from txplatform.domains.spend.rules.sentences import MISSING, render

RULES = load_rules()
SPLIT = {
    "count": "3",
    "merchant": "X",
    "date": "2026-03-04",
    "total": "1420.00",
    "limit": "500.00",
    "each": "below",
}
PURCHASE = {"merchant": "X", "date": "2026-03-01", "amount": "1234567.80"}


def test_the_sentence_of_the_issue() -> None:
    assert render(RULES["SPLIT"], SPLIT) == (
        "Three purchases at X on 4 March add up to 1,420.00, above the limit of 500.00, "
        "each below it."
    )
    assert render(RULES["SPLIT"], SPLIT, "fr") == (
        "Trois achats chez X le 4 mars totalisent 1\u202f420,00, au-dessus du plafond de 500,00, "
        "chacun en dessous."
    )


@pytest.mark.parametrize(
    ("code", "evidence", "english", "french"),
    [
        (
            "SPLIT",
            {**SPLIT, "count": "1204", "each": "within"},
            "1,204 purchases at X on 4 March",
            "1\u202f204 achats chez X le 4 mars",
        ),
        (
            "REPEAT",
            {**PURCHASE, "earlier_date": "2026-02-28", "days": "1"},
            "1,234,567.80 at X on 1 March, as on 28 February: the same amount again after one day.",
            "567,80 chez X le 1er mars, comme le 28 février : le même montant de nouveau après un",
        ),
        ("WEEKEND", {**PURCHASE, "occasion": "Sunday"}, "a Sunday.", "un dimanche."),
        ("WEEKEND", {**PURCHASE, "occasion": "Noël"}, "1 March, Noël.", "1er mars, Noël."),
        (
            "CATEGORY",
            {**PURCHASE, "category": "Cash", "list": "prohibited"},
            "category Cash, which is prohibited.",
            "catégorie Cash, qui est interdite.",
        ),
        (
            "NEW_MERCHANT",
            {**PURCHASE, "category": "Books", "percentile": "0.9", "usual": "99.50"},
            "; 90% of the purchases in Books are below 99.50.",
            "; 90\u202f% des achats en Books sont au-dessous de 99,50.",
        ),
        (
            "REFUND_UNMATCHED",
            {**PURCHASE, "days": "180"},
            "in the 180 days before.",
            "dans les 180 jours précédents.",
        ),
    ],
)
def test_numbers_days_and_words_are_those_of_the_language(
    code: str, evidence: dict[str, str], english: str, french: str
) -> None:
    assert english in render(RULES[code], evidence, "en")
    assert french in render(RULES[code], evidence, "fr")


def test_names_are_never_read_as_templates() -> None:
    nasty = "{0.__class__} <script> {amount:money}"

    said = render(RULES["ROUND"], {**PURCHASE, "merchant": nasty, "multiple": "100"})

    assert nasty in said


def test_evidence_that_is_missing_is_seen_to_be_missing() -> None:
    assert render(RULES["ROUND"], {"amount": "100.00"}) == (
        f"100.00 at {MISSING} on {MISSING} is a multiple of {MISSING}."
    )
