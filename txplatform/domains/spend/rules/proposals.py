"""Which merchants look like spellings of one shop, and the entry of the rules file that says so.

Plain and explainable: store numbers behind a name, legal forms and blanks that differ, one letter
that differs. Every name is looked up by what is left of it, so the work grows with the number of
names and not with their pairs. Nothing is merged by itself: somebody reads the evidence and pastes.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from txplatform.domains.spend.rules.catalogue import Rulebook
from txplatform.domains.spend.rules.merchant_keys import merchant_key

LEGAL_FORMS = frozenset(
    [
        *("BV", "CO", "COM", "COMPANY", "CORP", "CORPORATION", "GMBH", "INC", "LIMITED", "LLC"),
        *("LLP", "LTD", "PLC", "SA", "SARL", "SAS", "THE", "WWW"),
    ]
)
"""Words that say nothing of which shop it is."""
FEWEST_LETTERS = 3
"""A shorter name in common says nothing: "A 1" and "A 2"."""
FEWEST_FOR_A_SLIP = 7
"""Of shorter names one letter makes another word: "PARKS" and "MARKS"."""


class Grouping(NamedTuple):
    """What the rules file says of merchants already, as keys.

    Attributes:
        aliases: pairs of another spelling and the name to keep.
        store_numbers: names behind which a number is the store's.
    """

    aliases: tuple[tuple[str, str], ...] = ()
    store_numbers: tuple[str, ...] = ()

    @classmethod
    def of(cls, rules: Rulebook) -> "Grouping":
        """That of a rulebook."""
        return cls(tuple(sorted(rules.merchant_aliases.items())), rules.store_numbers)


class Merchant(NamedTuple):
    """A merchant as the source names it; purchases without refunds."""

    name: str
    purchase_count: int
    total_amount: Decimal


class Proposal(NamedTuple):
    """Spellings that are perhaps one shop, the name to keep, and what would make them one.

    Attributes:
        keep: the key under which all of them would be grouped.
        spellings: the evidence, the commonest first.
        store_numbers: names behind which a number is the store's.
        aliases: other names for the one to keep.
    """

    keep: str
    spellings: tuple[Merchant, ...]
    store_numbers: tuple[str, ...]
    aliases: tuple[str, ...]

    @property
    def purchase_count(self) -> int:
        """Purchases under all of the spellings."""
        return sum(one.purchase_count for one in self.spellings)

    @property
    def total_amount(self) -> Decimal:
        """Amount under all of the spellings."""
        return sum((one.total_amount for one in self.spellings), Decimal(0))


def proposals(merchants: Iterable[Merchant], grouping: Grouping) -> list[Proposal]:
    """The shops that seem to have several names, those with most purchases first.

    Args:
        merchants: as the source names them.
        grouping: what is grouped already is no news.
    """
    aliases = dict(grouping.aliases)
    of_key: dict[str, list[Merchant]] = defaultdict(list)
    for merchant in merchants:
        if key := merchant_key(merchant.name, aliases, grouping.store_numbers):
            of_key[key].append(merchant)
    bases = _without_store_numbers(of_key)
    names: dict[str, list[str]] = defaultdict(list)
    for key, base in bases.items():
        names[base].append(key)
    kept = set(aliases.values())
    found = [_proposal(shop, names, of_key, kept) for shop in _shops(names)]
    several = (one for one in found if one.store_numbers or one.aliases)
    return sorted(several, key=lambda one: (-one.purchase_count, one.keep))


def _without_store_numbers(keys: Iterable[str]) -> dict[str, str]:
    """Each key without the words behind it that hold a digit, where others share what is left."""
    left = {key: _base(key) for key in keys}
    sharing: dict[str, int] = defaultdict(int)
    for base in left.values():
        sharing[base] += 1
    return {key: base if sharing[base] > 1 else key for key, base in left.items()}


def _base(key: str) -> str:
    words = key.split()
    while words and any(sign.isdecimal() for sign in words[-1]):
        words.pop()
    base = " ".join(words)
    return base if sum(map(str.isalpha, base)) >= FEWEST_LETTERS else key


def _shops(names: Iterable[str]) -> list[list[str]]:
    """Names that are written alike, together; each in one shop, most of them alone."""
    alike: dict[str, list[str]] = defaultdict(list)
    for name in sorted(names):
        for form in _forms(name):
            alike[form].append(name)
    shop_of = {name: name for name in names}
    for together in alike.values():
        for one, other in pairwise(together):
            shop_of[_first(shop_of, one)] = _first(shop_of, other)
    shops: dict[str, list[str]] = defaultdict(list)
    for name in shop_of:
        shops[_first(shop_of, name)].append(name)
    return list(shops.values())


def _first(shop_of: dict[str, str], name: str) -> str:
    """The name that stands for the shop of a name; the way there gets shorter each time."""
    while shop_of[name] != name:
        shop_of[name] = shop_of[shop_of[name]]
        name = shop_of[name]
    return name


def _forms(name: str) -> Iterator[str]:
    """Under what a name is looked up: two that have one in common are written alike.

    The letters and digits without legal forms; of a longer name also with one letter left out, so
    that names meet of which one letter differs, is missing or changed places with the next.
    """
    words = name.split()
    letters = "".join(word for word in words if word not in LEGAL_FORMS) or "".join(words)
    yield letters
    if len(letters) >= FEWEST_FOR_A_SLIP:
        yield from {
            f"{letters[:place]}{letters[place + 1 :]}"
            for place, sign in enumerate(letters)
            if not sign.isdecimal()
        }


def _proposal(
    shop: Sequence[str],
    names: Mapping[str, Sequence[str]],
    of_key: Mapping[str, Sequence[Merchant]],
    kept: set[str],
) -> Proposal:
    counts = {
        name: sum(one.purchase_count for key in names[name] for one in of_key[key]) for name in shop
    }
    keep = min(shop, key=lambda name: (name not in kept, -counts[name], name))
    spellings = (one for name in shop for key in names[name] for one in of_key[key])
    return Proposal(
        keep,
        tuple(sorted(spellings, key=lambda one: (-one.purchase_count, one.name))),
        tuple(sorted(name for name in shop if set(names[name]) != {name})),
        tuple(sorted(name for name in shop if name != keep)),
    )


def entry(accepted: Iterable[Proposal], grouping: Grouping) -> str:
    """The part `[merchants]` of a rules file with some proposals, and what it declares already.

    It takes the place of the part that the file has.
    """
    chosen = list(accepted)
    renamed = {name: one.keep for one in chosen for name in one.aliases}
    of_name: dict[str, list[str]] = defaultdict(list)
    for spelling, name in grouping.aliases:
        of_name[renamed.get(name, name)].append(spelling)
    for spelling, name in renamed.items():
        of_name[name].append(spelling)
    numbers = {*grouping.store_numbers, *(name for one in chosen for name in one.store_numbers)}
    lines = ["[merchants]", f"store_numbers = {_toml(sorted(numbers))}", "", "[merchants.aliases]"]
    for name, spellings in sorted(of_name.items()):
        lines.append(f"{_toml(name)} = {_toml(sorted(set(spellings) - {name}))}")
    return "\n".join(lines) + "\n"


def _toml(value: object) -> str:
    """A text or a list of texts: merchant keys are letters, digits and blanks, as in JSON."""
    return json.dumps(value, ensure_ascii=False)
