"""Proposals of merchant aliases: found, shown with evidence, and one shop once they are pasted."""

from decimal import Decimal
from pathlib import Path

import pytest

from txplatform.domains.spend.rules.catalogue import Rulebook, load_rules
from txplatform.domains.spend.rules.proposals import Grouping, Merchant, Proposal, entry, proposals
from txplatform_tests.domains.spend.rules.examples import Examples

EIGHT = (
    "WM Morrison 070",
    "WM Morrison 073",
    "W M MORRISON",
    "w m morrison",
    "W.M. Morrison PLC",
    "WM Morrisons",
    "wm morisons",
    "WM Morrison Ltd.",
)
NOTHING_YET = Grouping()
OTHERS = ("Morris Garages", "WM Watson", "B&Q 12", "(unknown)", "***", "A 1", "A 2")
ROWS = "\n".join(["date | merchant | amount", *(f"2016-05-03 | {name} | 100.00" for name in EIGHT)])


def merchants(*names: str) -> list[Merchant]:
    """One purchase more for each earlier name, ten each."""
    return [
        Merchant(name, len(names) - n, Decimal(10 * (len(names) - n)))
        for n, name in enumerate(names)
    ]


def proposed(*names: str, grouping: Grouping = NOTHING_YET) -> list[Proposal]:
    """What is proposed of these merchants."""
    return proposals(merchants(*names), grouping)


def pasted(folder: Path, text: str) -> Rulebook:
    """The rules with this entry in the user's own file."""
    own = folder / "rules.toml"
    own.write_text(text, encoding="utf-8")
    return load_rules(own, limit=Decimal(500))


def test_eight_spellings_of_one_shop_become_one_once_the_entry_is_pasted(
    examples: Examples, tmp_path: Path
) -> None:
    """From the names to the alert: 800.00 in purchases of 100.00, which no single name had."""
    before = load_rules(limit=Decimal(500))
    assert examples.found("SPLIT", ROWS, before) == []

    (shop,) = proposed(*EIGHT, *OTHERS)
    rules = pasted(tmp_path, entry([shop], Grouping.of(before)))

    assert {rules.merchant_key(name) for name in EIGHT} == {shop.keep}
    assert [rules.merchant_key(name) for name in OTHERS] == [
        before.merchant_key(name) for name in OTHERS
    ]
    (alert,) = examples.found("SPLIT", ROWS, rules)
    assert (alert["transaction_count"], alert["amount_at_risk"]) == (8, Decimal("800.00"))
    assert proposed(*EIGHT, *OTHERS, grouping=Grouping.of(rules)) == []


def test_the_evidence_is_every_spelling_with_its_purchases_and_amount() -> None:
    (shop,) = proposed("Shell 1", "Shell 2", "Shell")

    assert shop == Proposal(
        "SHELL",
        (
            Merchant("Shell 1", 3, Decimal(30)),
            Merchant("Shell 2", 2, Decimal(20)),
            Merchant("Shell", 1, Decimal(10)),
        ),
        store_numbers=("SHELL",),
        aliases=(),
    )
    assert (shop.purchase_count, shop.total_amount) == (6, Decimal(60))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Royal Mail", "www.royalmail.com"),
        ("The Swan", "SWAN"),
        ("Premier Inn", "Premier Ink"),
        ("McDonalds", "Macdonalds"),
        ("University Press", "Univeristy Press"),
        ("Café Ritazza", "CAFÉ RITAZA"),
        ("Straßenbahn", "STRASSENBAHN GmbH"),
    ],
)
def test_names_that_look_alike(one: str, other: str) -> None:
    (shop,) = proposed(one, other)

    assert len(shop.aliases) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Parks", "Marks"),
        ("Route 66 Café", "Route 67 Café"),
        ("Shell Kings 587", "Shell Fiveways 387"),
        ("Smith", "Smithson"),
        ("A 1", "A 2"),
        ("7 Eleven", "8 Eleven"),
        ("(unknown)", "unknown"),
    ],
)
def test_names_that_do_not(one: str, other: str) -> None:
    """Catches: short words of which one letter makes another, and numbers that are the name."""
    assert proposed(one, other) == []


def test_the_commonest_name_is_kept_and_the_commonest_shop_comes_first() -> None:
    found = proposed("Swan", "The Swan", "Lion Ltd", "Lion")

    assert [one.keep for one in found] == ["SWAN", "LION LTD"]


def test_an_entry_holds_what_the_file_says_already(tmp_path: Path) -> None:
    """A name that is kept stays kept, and one that moves takes its spellings along."""
    own = '[merchants]\nstore_numbers = ["Aldi"]\n[merchants.aliases]\n"Swan" = ["Cygnet"]\n'
    rules = pasted(tmp_path, own)

    (shop,) = proposed("The Swan Ltd", "Swan", "Cygnet", grouping=Grouping.of(rules))
    merged = pasted(tmp_path, entry([shop], Grouping.of(rules)))

    assert shop.keep == "SWAN"
    assert {merged.merchant_key(one) for one in ("Cygnet", "THE SWAN LTD", "swan")} == {"SWAN"}
    assert merged.merchant_key("Aldi 12") == "ALDI"


def test_hostile_names_stay_text(tmp_path: Path) -> None:
    hostile = ('x"] \n[off]', "X off Ltd", "'; DROP TABLE 1", "'; DROP TABLE 2")
    found = proposed(*hostile)

    rules = pasted(tmp_path, entry(found, Grouping()))

    assert {rules.merchant_key(name) for name in hostile} == {"X OFF", "DROP TABLE"}


def test_the_work_grows_with_the_names_and_not_with_their_pairs() -> None:
    """Catches: comparing all with all, which 20,000 names would not survive."""
    names = [f"Merchant {chr(65 + n % 26)}{n:05d} Street" for n in range(20_000)]

    assert proposed(*names) == []
