"""The rules in force: their parameters and limits, and what each kind of alert weighs by now."""

from txplatform.domains.spend.queries.quality import rule_evidence
from txplatform.domains.spend.rules.catalogue import Rulebook, load_rules
from txplatform.domains.spend.rules.ranking import Kind, Weight, weight_of
from txplatform.domains.spend.settings import SpendSettings
from txplatform.platform import Platform


def rulebook(platform: Platform) -> Rulebook:
    """The alert rules with the parameters and limits of the settings.

    Raises:
        UsageError: the rules file cannot be used.
    """
    settings = platform.settings.of(SpendSettings)
    return load_rules(settings.rules, settings.limit, settings.limits)


def weights(platform: Platform) -> dict[Kind, Weight]:
    """What each kind of alert weighs in the list, with what controllers found of it."""
    is_frozen = not platform.settings.of(SpendSettings).learning
    found = rule_evidence(platform.engine)
    return {kind: weight_of(kind, one, is_frozen) for kind, one in found.items()}
