"""What alerts say, in the reader's language while the rule is still the one that said it."""

from collections.abc import Mapping, Sequence
from typing import Any

from txplatform.domains.spend.pages.desk import Desk
from txplatform.domains.spend.queries.evidence import evidence_of
from txplatform.domains.spend.rules.sentences import render


def sentences(desk: Desk, alerts: Sequence[Mapping[str, Any]]) -> list[str]:
    """The sentence of each alert; the database keeps the English one and the evidence."""
    if desk.language == "en":
        return [str(one["sentence"]) for one in alerts]
    rules = {rule.code: rule for rule in desk.rulebook.rules}
    found = evidence_of(desk.engine, [one["alert_id"] for one in alerts])
    said = []
    for one in alerts:
        version, evidence = found[one["alert_id"]]
        rule = rules.get(one["rule"])
        is_same = rule is not None and rule.version == version
        said.append(render(rule, evidence, "fr") if rule and is_same else str(one["sentence"]))
    return said
