"""The texts of spend: help is the sentences of its columns; every rule and act has its words."""

import re
from pathlib import Path

from txplatform.domains.spend import decisions, pages, tables
from txplatform.domains.spend.pages import deciding
from txplatform.domains.spend.pages.reader import SpendReader
from txplatform.domains.spend.rules.catalogue import load_rules
from txplatform.domains.spend.rules.sentences import kinds_of
from txplatform.freshness import PeriodState
from txplatform.platform import Platform
from txplatform.serving.dashboard import texts
from txplatform_tests.serving.pages import plain

FOLDER = Path(pages.__file__).parent


def test_french_translates_the_help_of_every_column_that_a_page_explains() -> None:
    sources = "".join(path.read_text("utf-8") for path in FOLDER.glob("*.py"))
    asked = set(re.findall(r"(?:WEEKLY|\.c)\.(\w+)\)", sources))
    weekly = set(tables.WEEKLY_VALUES)

    assert asked >= {"total_amount", "amount_at_risk", "risk"}
    assert (asked | weekly) - {
        key.removeprefix("columns.") for key in texts.catalogue("fr", "spend")
    } == set()


def test_english_help_is_the_comment_of_the_column(platform: Platform) -> None:
    column = tables.weekly_transactions.c.refund_amount
    english, french = (SpendReader(platform, "Ada", "reader", one, "spend") for one in ("en", "fr"))

    assert plain(english.help(column)) == "Sum of the negative amounts (<= 0)."
    assert plain(french.help(column)) == "Somme des montants négatifs (<= 0)."


def test_every_state_and_act_has_its_word() -> None:
    words = texts.catalogue("en", "spend")
    wanted = (
        [f"week.{state}" for state in PeriodState]
        + [f"health.{state}" for state in PeriodState]
        + [f"state_of.{state}" for state in decisions.State]
        + [f"kind.{kind}" for kind in decisions.Kind]
        + [f"act.{act}" for act in (*deciding.MANY, "undo", "confirm", "reopen")]
    )

    assert [key for key in wanted if key not in words] == []


def test_every_rule_of_a_refused_row_has_its_words() -> None:
    page = Path(__file__).parents[4] / "docs" / "layouts.md"
    rules = re.findall(r"^\| `([A-Z_]+)` \|", page.read_text("utf-8"), re.MULTILINE)
    words = texts.catalogue("fr", "spend")

    assert len(rules) > 15
    assert [rule for rule in rules if f"refused_row.{rule}" not in words] == []


def test_every_refusal_of_a_decision_has_its_words() -> None:
    folder = Path(decisions.__file__).parent
    sources = "".join(path.read_text("utf-8") for path in folder.glob("*.py"))
    keys = set(re.findall(r'RefusalError\([^()]*(?:\([^()]*\)[^()]*)*"(\w+)"', sources))

    assert {"missing", "illegal", "own_dismissal"} <= keys
    assert {f"refused.{key}" for key in keys} - set(texts.catalogue("fr", "spend")) == set()


def test_every_fact_of_a_rule_has_its_name() -> None:
    facts = {name for rule in load_rules().rules for name in kinds_of(rule)}

    assert {f"evidence.{name}" for name in facts} - set(texts.catalogue("fr", "spend")) == set()


def test_rules_call_departments_and_divisions_as_the_pages_do() -> None:
    said = " ".join(
        text["fr"] for rule in load_rules().rules for text in (rule.sentence, rule.explanation)
    )

    assert not re.search(r"département|division", said)
