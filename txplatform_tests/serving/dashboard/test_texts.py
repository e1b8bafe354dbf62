"""The catalogues of the shell and of every domain: both languages say the same, and say it all."""

import re
from pathlib import Path

import pytest

from txplatform import domains
from txplatform.serving import dashboard
from txplatform.serving.dashboard import texts
from txplatform.serving.dashboard.pages import pages_of_domains

WITH_PAGES = sorted(pages_of_domains())
each_catalogue = pytest.mark.parametrize("domain", ["", *WITH_PAGES])
each_domain = pytest.mark.parametrize("domain", WITH_PAGES)


def sources(domain: str) -> list[str]:
    """The modules of a domain's pages, or of the shell."""
    module = domains.by_name("pages")[domain] if domain else dashboard
    file = Path(module.__file__ or "")
    files = file.parent.rglob("*.py") if file.name == "__init__.py" else [file]
    examples = Path(dashboard.__file__ or "")
    return [path.read_text("utf-8") for path in files if path != examples]


@each_catalogue
def test_both_languages_have_every_text(domain: str) -> None:
    english, french = (texts.catalogue(language, domain) for language in texts.LANGUAGES)

    assert {key for key in french if not key.startswith("columns.")} == set(english)


@each_catalogue
def test_both_languages_fill_in_the_same_names(domain: str) -> None:
    english, french = (texts.catalogue(language, domain) for language in texts.LANGUAGES)

    different = [
        key
        for key in english
        if set(re.findall(r"{(\w+)}", english[key])) != set(re.findall(r"{(\w+)}", french[key]))
    ]

    assert different == []


@each_catalogue
def test_every_text_that_a_page_names_exists(domain: str) -> None:
    named = {
        key
        for source in sources(domain)
        for key in re.findall(r'\btext\(\s*(?:language, )?"(\w+\.\w+)"', source)
        if domain or not key.startswith("domain.")
    }

    assert len(named) > 5
    assert named - set(texts.catalogue("en", domain)) == set()


@each_domain
def test_a_domain_says_what_it_is_and_how_it_is_filled(domain: str) -> None:
    known = texts.catalogue("en", domain)
    titles = {page.title for page in pages_of_domains()[domain]}

    said = ("title", "about", "empty", "period", "periods")
    assert {*(f"domain.{name}" for name in said), *titles} - set(known) == set()
    assert "`" in known["domain.empty"], "a command fills it"


@each_domain
def test_the_shells_texts_are_a_domains_too(domain: str) -> None:
    assert set(texts.catalogue("en")) <= set(texts.catalogue("en", domain))


@pytest.mark.parametrize(
    ("locale", "language"), [("fr_CA", "fr"), ("fr-FR", "fr"), ("de", "en"), (None, "en")]
)
def test_whoever_speaks_neither_is_spoken_to_in_english(locale: str | None, language: str) -> None:
    assert texts.language_of(locale) == language
