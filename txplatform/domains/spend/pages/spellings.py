"""Merchants that look like spellings of one shop, and the entry of the rules file for them."""

from collections.abc import Sequence

import streamlit as st

from txplatform.domains.spend.pages.desk import Desk
from txplatform.domains.spend.queries.merchants import alias_proposals
from txplatform.domains.spend.rules.proposals import Grouping, Proposal, entry
from txplatform.serving.dashboard import blocks
from txplatform.serving.dashboard.formats import as_text

SHOPS, SPELLINGS = 20, 12


def show(desk: Desk) -> None:
    """The shops, commonest first, each with its spellings; below, the entry for those chosen."""
    st.header(desk.text("spellings.title"), help=desk.text("spellings.help"))
    found = alias_proposals(desk.engine, desk.rulebook, SHOPS)
    if not found:
        st.info(desk.text("spellings.none"), icon=":material/inbox:")
        return
    st.write(desk.text("spellings.what"))
    chosen = [one for one in found if _is_chosen(desk, one)]
    st.subheader(desk.text("spellings.entry"))
    if chosen:
        st.write(desk.text("spellings.paste"))
        st.code(entry(chosen, Grouping.of(desk.rulebook)), language="toml")
    else:
        st.write(desk.text("spellings.choose"))


def _is_chosen(desk: Desk, one: Proposal) -> bool:
    """A shop to tick, with its evidence."""
    is_chosen = st.checkbox(
        desk.text(
            "spellings.shop",
            name=as_text(one.keep),
            count=len(one.spellings),
            purchases=desk.whole(one.purchase_count),
            amount=as_text(desk.money(one.total_amount)),
        ),
        key=f"spelling.{one.keep}",
    )
    with st.expander(desk.text("spellings.evidence", name=as_text(one.keep))):
        _evidence(desk, one)
    return is_chosen


def _evidence(desk: Desk, one: Proposal) -> None:
    shown = one.spellings[:SPELLINGS]
    blocks.table(
        {
            desk.text("spellings.spelling"): [spelling.name for spelling in shown],
            desk.text("figure.count"): [desk.whole(spelling.purchase_count) for spelling in shown],
            desk.text("column.total_amount"): [
                desk.money(spelling.total_amount) for spelling in shown
            ],
        }
    )
    if len(one.spellings) > len(shown):
        st.caption(desk.text("overview.more", shown=len(shown), count=len(one.spellings)))
    _tell(desk, "spellings.store_numbers", one.store_numbers)
    _tell(desk, "spellings.aliases", one.aliases)


def _tell(desk: Desk, key: str, names: Sequence[str]) -> None:
    if names:
        st.caption(desk.text(key, names=as_text(", ".join(names))))
