"""CATEGORY on labelled purchases: the shipped lists, words in any case, plural and position."""

from txplatform_tests.domains.spend.rules.examples import Examples


def test_prohibited_and_restricted_categories(examples: Examples) -> None:
    found = examples.found(
        "CATEGORY",
        """
        date       | category                                | amount
        2026-11-16 | Betting/Casino Gambling                 | 5.00
        2026-11-16 | GIFT CARD NOVELTY AND SOUVENIR SHOPS    | 5.00
        2026-11-16 | Manual Cash Disbursements               | 5.00
        2026-11-16 | Jewellery                               | 5.00
        2026-11-16 | Dating Services                         | 5.00
        2026-11-16 | Bail and Bond Payments                  | 5.00
        2026-11-17 | Bar Lounge Disco Nightclub Tavern       | 5.00
        2026-11-17 | Cigars and Tobacco                      | 5.00
        2026-11-17 | Package Stores: Beer, Wine, Liquor      | 5.00
        2026-11-18 | Hardware                                | 5.00
        2026-11-18 | Barrels                                 | 5.00
        2026-11-18 | (unknown)                               | 5.00
        2026-11-18 | Gambling                                | -5.00
        """,
    )

    severities = [(alert["transaction_date"].day, alert["severity"]) for alert in found]
    assert severities == [(16, "high")] * 6 + [(17, "medium")] * 3
    assert {alert["evidence"]["list"] for alert in found} == {"prohibited", "restricted"}
