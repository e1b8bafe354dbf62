"""The facts that fired a rule, as a case lists them: named and written as their reader does."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from txplatform.domains.spend.pages import texts
from txplatform.domains.spend.pages.desk import Desk
from txplatform.domains.spend.rules.catalogue import Rule
from txplatform.domains.spend.rules.sentences import kinds_of, word


def written(desk: Desk, rule: Rule | None, evidence: Mapping[str, str]) -> dict[str, str]:
    """Name and value of each fact; those of a rule that is no more are left as they were kept."""
    kinds = kinds_of(rule) if rule else {}
    names = texts.catalogue(desk.language)
    order = [*kinds, *sorted(evidence.keys() - kinds.keys())]
    return {
        names.get(f"evidence.{name}", name): _value(desk, kinds.get(name, ""), str(evidence[name]))
        for name in order
        if name in evidence
    }


def _value(desk: Desk, kind: str, fact: str) -> str:
    match kind:
        case "money":
            return desk.money(Decimal(fact))
        case "number" | "count" | "days":
            return desk.number(Decimal(fact))
        case "percent":
            return desk.share(Decimal(fact))
        case "day":
            return desk.day(date.fromisoformat(fact))
        case "word":
            return word(fact, "fr" if desk.language == "fr" else "en")
    return fact
