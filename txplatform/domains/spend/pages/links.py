"""Links from one page to a view of another; they stay in the same tab and its sign-in."""

from collections.abc import Sequence
from datetime import date

import streamlit as st

from txplatform.domains.spend.pages.desk import Desk
from txplatform.domains.spend.pages.formats import as_text

PAGES = "pages"
"""Where the shell keeps its pages by path: Streamlit links to its own objects."""


def to_page(page: str, label: str, icon: str | None = None, **parameters: str | None) -> None:
    """A link to another page's view; `label` is shown as text, and None leaves a parameter out."""
    asked = {name.rstrip("_"): value for name, value in parameters.items() if value}
    pages = st.session_state.get(PAGES, {})
    if page in pages:
        st.page_link(pages[page], label=as_text(label), icon=icon, query_params=asked)


def to_cells(desk: Desk, cells: Sequence[tuple[str, str, date]]) -> None:
    """Links to "Why this number" of cells: department, division, week; two beside each other."""
    with st.expander(desk.text("links.why")):
        columns = st.columns(2)
        for position, (department, division, week) in enumerate(cells):
            with columns[position % 2]:
                to_page(
                    "why",
                    f"{department} · {division} · {desk.day(week)}",
                    from_=week.isoformat(),
                    to=week.isoformat(),
                    department=department,
                    division=division,
                )
