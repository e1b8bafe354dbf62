"""The merchants of all purchases, and which of them look like spellings of one shop."""

from functools import lru_cache

from sqlalchemy import Engine, select

from txplatform.domains.spend.rules.catalogue import Rulebook
from txplatform.domains.spend.rules.proposals import Grouping, Merchant, Proposal, proposals
from txplatform.domains.spend.tables import merchants

LOOKED_AT = 20_000
"""Merchants that are compared, those with most purchases: a second, however many there are."""


def alias_proposals(engine: Engine, rules: Rulebook, limit: int) -> list[Proposal]:
    """Shops that seem to have several names, those with most purchases first.

    Args:
        engine: PostgreSQL.
        rules: what they group already is no news.
        limit: how many at most.
    """
    known = merchants.c
    statement = select(known.merchant, known.purchase_count, known.total_amount)
    commonest = statement.order_by(known.purchase_count.desc(), known.merchant).limit(LOOKED_AT)
    with engine.connect() as connection:
        found = tuple(Merchant(*row) for row in connection.execute(commonest))
    return list(_proposed(found, Grouping.of(rules))[:limit])


@lru_cache(maxsize=2)
def _proposed(found: tuple[Merchant, ...], grouping: Grouping) -> tuple[Proposal, ...]:
    """Kept until the merchants or the rules change: clicks do not look anew."""
    return tuple(proposals(found, grouping))
