"""What an alert says: a rule's template filled from the evidence, in English or French.

The evidence is text, as the alert keeps it: amounts `1420.00`, days `2017-03-04`, counts `3`. The
format behind a name in the template says what it is.
"""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache
from string import Formatter

from txplatform.domains.spend.rules.catalogue import Locale, Rule

THIN_SPACE = "\u202f"
MISSING = "?"

MONTHS: Mapping[str, str] = {
    "en": "January February March April May June July August September October November December",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
}
COUNTS: Mapping[str, str] = {
    "en": "zero one two three four five six seven eight nine ten",
    "fr": "zéro un deux trois quatre cinq six sept huit neuf dix",
}
FRENCH_WORDS = {
    "Saturday": "un samedi",
    "Sunday": "un dimanche",
    "below": "en dessous",
    "within": "dans sa limite",
    "prohibited": "interdite",
    "restricted": "soumise à restriction",
}
ENGLISH_WORDS = {"Saturday": "a Saturday", "Sunday": "a Sunday"}


def render(rule: Rule, evidence: Mapping[str, str], locale: Locale = "en") -> str:
    """The sentence of an alert; evidence that is missing shows as a question mark.

    Args:
        rule: whose template is filled.
        evidence: the alert's numbers and names, as text.
        locale: en or fr.
    """
    said = (_said(evidence, locale, *one) for one in _parsed(rule.sentence[locale]))
    sentence = "".join(said)
    return sentence[:1].upper() + sentence[1:]


@cache
def _parsed(template: str) -> tuple[tuple[str, str | None, str | None], ...]:
    """A template taken apart once for all alerts: words, and the fact that follows them."""
    return tuple((words, name, kind) for words, name, kind, _ in Formatter().parse(template))


def _said(
    evidence: Mapping[str, str], locale: Locale, words: str, name: str | None, kind: str | None
) -> str:
    if name is None:
        return words
    text = evidence.get(name)
    return words + (MISSING if text is None else FORMATS[kind](text, locale) if kind else text)


def kinds_of(rule: Rule) -> dict[str, str]:
    """What each fact of a rule's sentence is, a key of `FORMATS`; empty: text as it is."""
    parsed = Formatter().parse(rule.sentence["en"])
    return {name: kind or "" for _, name, kind, _ in parsed if name}


def word(text: str, locale: Locale) -> str:
    """A word that is the rule's own; a holiday keeps the name that its calendar gives it."""
    return (FRENCH_WORDS if locale == "fr" else ENGLISH_WORDS).get(text, text)


@lru_cache(10_000)
def _money(text: str, locale: Locale) -> str:
    return _localised(f"{Decimal(text):,.2f}", locale)


def _number(text: str, locale: Locale) -> str:
    return _localised(f"{Decimal(text):,f}", locale)


def _percent(text: str, locale: Locale) -> str:
    percent = f"{(Decimal(text) * 100).normalize():f}"
    return f"{percent}%" if locale == "en" else f"{_localised(percent, locale)}{THIN_SPACE}%"


def _localised(number: str, locale: Locale) -> str:
    if locale == "en":
        return number
    return number.replace(",", THIN_SPACE).replace(".", ",")


@lru_cache(10_000)
def _day(text: str, locale: Locale) -> str:
    day = date.fromisoformat(text)
    month = MONTHS[locale].split()[day.month - 1]
    return f"1er {month}" if locale == "fr" and day.day == 1 else f"{day.day} {month}"


def _days(text: str, locale: Locale) -> str:
    unit = "day" if locale == "en" else "jour"
    return f"{_count(text, locale)} {unit}{'' if text == '1' else 's'}"


def _count(text: str, locale: Locale) -> str:
    words = COUNTS[locale].split()
    return words[int(text)] if int(text) < len(words) else _number(text, locale)


FORMATS: Mapping[str, Callable[[str, Locale], str]] = {
    "money": _money,
    "number": _number,
    "percent": _percent,
    "day": _day,
    "days": _days,
    "count": _count,
    "word": word,
}
"""What a template may write behind the colon: `{total:money}`."""
