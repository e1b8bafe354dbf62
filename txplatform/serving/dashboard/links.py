"""Links from one page to a view of another; they stay in the same tab and its sign-in."""

import streamlit as st

from txplatform import domains
from txplatform.serving.dashboard.formats import as_text
from txplatform.serving.dashboard.reader import Reader

PAGES = "pages"
"""Where the shell keeps its pages by address: Streamlit links to its own objects."""


def address(domain: str, path: str) -> str:
    """The address of a page, without its slash: Streamlit's addresses have no folders."""
    return "-".join(part for part in (domains.slug(domain), path) if part)


def to_page(reader: Reader, path: str, label: str, **parameters: str | None) -> None:
    """A link to a view of a page of the reader's domain; its name is the label.

    Streamlit would put the page's icon before it, whose name (`folder_open`) is then read out as
    part of the link: the shell's style leaves it out.

    Args:
        reader: who looks.
        path: of the page in its domain.
        label: shown as text.
        parameters: of the view; `from_` means `from`, and None leaves one out.
    """
    asked = {name.rstrip("_"): value for name, value in parameters.items() if value}
    page = st.session_state.get(PAGES, {}).get(address(reader.domain, path))
    if page is not None:
        st.page_link(page, label=as_text(label), query_params=asked)
