"""The start page: what the house holds, and how fresh each domain is."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

import streamlit as st
from babel import Locale

from txplatform import domains
from txplatform.freshness import Freshness
from txplatform.serving.dashboard import links
from txplatform.serving.dashboard.answers import failures_told
from txplatform.serving.dashboard.formats import DASH
from txplatform.serving.dashboard.pages import Page, pages_of_domains
from txplatform.serving.dashboard.query_parameters import View
from txplatform.serving.dashboard.reader import Reader


def show(reader: Reader, _: View) -> None:
    """The page: each domain in a frame; a server that is down hides one domain, not all."""
    st.title(reader.text("start.heading"))
    for name, pages in pages_of_domains().items():
        with st.container(border=True), failures_told(reader.language):
            _domain(replace(reader, domain=name), pages)


def _domain(reader: Reader, pages: Iterable[Page]) -> None:
    st.header(reader.text("domain.title"))
    st.write(reader.text("domain.about"))
    with st.container(horizontal=True):
        for page in pages:
            if page.is_in_menu:
                links.to_page(reader, page.path, reader.text(page.title))
    part = domains.by_name("freshness").get(reader.domain)
    if part is None:
        return
    found: Freshness = part.summary(reader.platform)
    if found.is_empty:
        st.info(reader.text("domain.empty"), icon=":material/inbox:")
    else:
        _figures(reader, found)


def _figures(reader: Reader, found: Freshness) -> None:
    values = {
        "fresh": _count(reader, found.fresh),
        "stale": _count(reader, found.stale),
        "missing": _count(reader, found.missing),
        "newest": _period(reader, found),
        "refreshed": reader.instant(found.refreshed_at),
    }
    for place, (name, value) in zip(st.columns([2, 2, 2, 4, 4]), values.items(), strict=True):
        place.metric(reader.text(f"start.{name}"), value, help=reader.text(f"start.{name}_help"))


def _count(reader: Reader, periods: int) -> str:
    is_one = Locale.parse(reader.locale).plural_form(periods) == "one"
    unit = reader.text("domain.period" if is_one else "domain.periods")
    return f"{reader.whole(periods)} {unit}"


def _period(reader: Reader, found: Freshness) -> str:
    newest = found.newest
    if newest is None:
        return DASH
    return reader.instant(newest) if isinstance(newest, datetime) else reader.day(newest)


PAGE = Page("", "start.title", ":material/home:", show)
