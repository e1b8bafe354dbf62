"""The rules as declared in `rules.toml`, with a user's own parameters on top; no Spark, no Dagster.

API and dashboard read the rules from here: what they are called, what they say, which are off.
What a rule computes is a function of the same package; `sentences.py` fills what an alert says.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, Self

from txplatform.domains.spend.rules import merchant_keys
from txplatform.domains.spend.rules.merchant_keys import normalised
from txplatform.domains.spend.rules.rules_file import overlaid, read_own_file, shipped
from txplatform.errors import UsageError

Severity = Literal["high", "medium", "low"]
Locale = Literal["en", "fr"]

WEIGHTS: Mapping[str, Decimal] = MappingProxyType(
    {"high": Decimal("0.6"), "medium": Decimal("0.3"), "low": Decimal("0.1")}
)
"""What one alert adds to the evidence against a purchase, before anybody has decided: `ranking`."""

NO_LIMIT = "off: no limit set"
DAYS_PER_WEEK = 7
SWITCHED_OFF = "off: switched off in the rules file"


@dataclass(frozen=True)
class Rule:
    """One rule: what it is called, how severe it is, what it asks for and what it says.

    Attributes:
        code: its name, such as SPLIT.
        version: of its meaning; part of the identity of its alerts.
        severity: high, medium or low; of CATEGORY the one of its prohibited list.
        sentence: by locale, the template of an alert's sentence (see `sentences.render`).
        explanation: by locale, what the rule looks for, for a controller.
        needs_limit: whether it compares with a purchase limit.
        parameters: what it computes with: integers, decimals, texts, lists of texts.
        off_reason: why it is off; empty while it is on.
    """

    code: str
    version: int
    severity: Severity
    sentence: Mapping[Locale, str]
    explanation: Mapping[Locale, str]
    needs_limit: bool = False
    parameters: Mapping[str, Any] = field(default_factory=dict)
    off_reason: str = ""

    @property
    def is_off(self) -> bool:
        """Whether it raises no alerts; `off_reason` says why."""
        return bool(self.off_reason)


@dataclass(frozen=True)
class Limits:
    """Purchase limits in the platform's currency: by department, and of all other departments."""

    default: Decimal | None = None
    departments: Mapping[str, Decimal] = field(default_factory=dict)

    @property
    def is_set(self) -> bool:
        """Whether any department has a limit."""
        return self.default is not None or bool(self.departments)

    def of(self, department: str) -> Decimal | None:
        """The limit of a department, or None."""
        return self.departments.get(department, self.default)


@dataclass(frozen=True)
class Rulebook:
    """All rules with their parameters, the limits, and how merchants are told apart.

    Attributes:
        rules: in the order of rules.toml, those that are off too.
        limits: purchase limits.
        population_weeks: calendar weeks before a week that say what is usual in it.
        fewest_in_population: purchases of a category below which nothing is said.
        merchant_aliases: other spelling -> name to keep, both as merchant keys.
        store_numbers: merchant keys of which a number behind the name is the store's.
    """

    rules: tuple[Rule, ...]
    limits: Limits
    population_weeks: int
    fewest_in_population: int
    merchant_aliases: Mapping[str, str]
    store_numbers: tuple[str, ...]

    def __getitem__(self, code: str) -> Rule:
        for rule in self.rules:
            if rule.code == code:
                return rule
        raise UsageError(f"There is no rule {code!r}: {', '.join(r.code for r in self.rules)}.")

    @property
    def active(self) -> tuple[Rule, ...]:
        """The rules that are on."""
        return tuple(rule for rule in self.rules if not rule.is_off)

    @property
    def history_weeks(self) -> int:
        """Calendar weeks of transactions before a week that the rules look back to."""
        weeks: int = max(
            self.population_weeks,
            self["SPIKE"].parameters["weeks"],
            -(-self.near_days // DAYS_PER_WEEK),
        )
        return weeks

    @property
    def near_days(self) -> int:
        """Days before a week whose single purchases the rules look at."""
        step = self["REPEAT"].parameters["longest_step_days"]
        days: int = max(self["REFUND_UNMATCHED"].parameters["look_back_days"], 2 * step)
        return days

    @property
    def version(self) -> str:
        """A short hash of all versions and parameters: another one makes alerts stale."""
        content = [
            [(r.code, r.version, r.severity, dict(r.parameters), r.off_reason) for r in self.rules],
            [self.limits.default, sorted(self.limits.departments.items())],
            [self.population_weeks, self.fewest_in_population],
            [sorted(self.merchant_aliases.items()), sorted(self.store_numbers)],
        ]
        text = json.dumps(content, sort_keys=True, default=lambda one: f"{one.normalize():f}")
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def merchant_key(self, name: str) -> str | None:
        """The key under which a merchant is grouped; None: never grouped."""
        return merchant_keys.merchant_key(name, self.merchant_aliases, self.store_numbers)

    @classmethod
    def of(cls, declared: Mapping[str, Any], limits: Limits) -> Self:
        """The rulebook of a parsed rules file; `limits` are those that hold."""
        merchants = declared["merchants"]
        return cls(
            rules=tuple(
                _rule(code, declared, limits) for code, one in declared.items() if "version" in one
            ),
            limits=limits,
            population_weeks=declared["population"]["weeks"],
            fewest_in_population=declared["population"]["fewest_purchases"],
            merchant_aliases=_aliases(merchants["aliases"]),
            store_numbers=tuple(normalised(name) for name in merchants["store_numbers"]),
        )


def load_rules(
    path: Path | None = None,
    limit: Decimal | None = None,
    limits: Mapping[str, Decimal] | None = None,
) -> Rulebook:
    """The shipped rules with the user's own file on top.

    Args:
        path: the user's rules file (the setting TXPLATFORM_SPEND_RULES).
        limit: wins over the file's default limit (TXPLATFORM_SPEND_LIMIT).
        limits: by department, win over the file's (TXPLATFORM_SPEND_LIMITS).

    Raises:
        UsageError: the file cannot be read, or has an unknown key or a wrong type; the sentence
            names file and key.
    """
    declared = overlaid(shipped(), read_own_file(path), path.name) if path else shipped()
    for code in declared["off"]:
        if "version" not in declared.get(code, ()):
            raise UsageError(f"Rules file: {code!r} under off is no rule; name one of its codes.")
    return Rulebook.of(declared, _limits(declared["limits"], limit, limits or {}))


def _rule(code: str, declared: Mapping[str, Any], limits: Limits) -> Rule:
    one = declared[code]
    needs_limit = one.get("needs_limit", False)
    off_reason = SWITCHED_OFF if code in declared["off"] else ""
    if needs_limit and not limits.is_set:
        off_reason = off_reason or NO_LIMIT
    return Rule(
        code=code,
        version=one["version"],
        severity=one["severity"],
        sentence=MappingProxyType(one["sentence"]),
        explanation=MappingProxyType(one["explanation"]),
        needs_limit=needs_limit,
        parameters=MappingProxyType(one.get("parameters", {})),
        off_reason=off_reason,
    )


def _limits(
    declared: Mapping[str, Any], limit: Decimal | None, limits: Mapping[str, Decimal]
) -> Limits:
    default = declared.get("default") if limit is None else limit
    return Limits(default, MappingProxyType({**declared["departments"], **limits}))


def _aliases(declared: Mapping[str, list[str]]) -> Mapping[str, str]:
    """Other spelling -> name to keep, as merchant keys.

    Raises:
        UsageError: a spelling stands for two names, or is itself a name to keep.
    """
    kept = {normalised(name) for name in declared}
    found: dict[str, str] = {}
    for name, spellings in declared.items():
        for spelling in map(normalised, spellings):
            if spelling in found or (spelling in kept and spelling != normalised(name)):
                raise UsageError(
                    f"Rules file: the alias {spelling!r} stands for more than one merchant; list "
                    "it once under [merchants.aliases]."
                )
            found[spelling] = normalised(name)
    return MappingProxyType(found)
