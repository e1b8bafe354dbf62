"""The analysts' pages: what each is called and shows."""

from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from txplatform.domains.commerce.pages import (
    cohorts,
    customers,
    home,
    performance,
    places,
    products,
    quality,
    rendering,
    segments,
    time,
    value,
)
from txplatform.domains.commerce.queries import refreshed
from txplatform.serving.dashboard.pages import Page
from txplatform.serving.dashboard.query_parameters import View
from txplatform.serving.dashboard.reader import Reader


def _page(
    path: str, icon: str, show: Callable[[Reader, View], None], *, needs_gold: bool = True
) -> Page:
    """A page below its title; one that needs gold says how to begin while there is none."""
    title = f"{path or 'home'}.title"

    def whole(reader: Reader, view: View) -> None:
        st.title(reader.text(title))
        if not needs_gold or not rendering.is_empty(reader):
            show(replace(reader, currency=refreshed.currency(reader.platform)), view)

    return Page(path, title, f":material/{icon}:", whole)


PAGES = (
    _page("", "storefront", home.show),
    _page("customers", "group", customers.show),
    _page("products", "inventory_2", products.show),
    _page("time", "calendar_month", time.show),
    _page("places", "public", places.show),
    _page("segments", "grid_on", segments.show),
    _page("value", "paid", value.show),
    _page("cohorts", "replay", cohorts.show),
    _page("quality", "rule", quality.show, needs_gold=False),
    _page("performance", "speed", performance.show),
)
