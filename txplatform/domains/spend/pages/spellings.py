"""Merchants that look like spellings of one shop, and the entry of the rules file for them."""

from collections.abc import Sequence

import streamlit as st

from txplatform.domains.spend.pages.reader import SpendReader
from txplatform.domains.spend.queries.spellings import alias_proposals
from txplatform.domains.spend.rules.proposals import Grouping, Proposal, entry
from txplatform.serving.dashboard import blocks
from txplatform.serving.dashboard.formats import as_text

SHOPS, SPELLINGS = 20, 12


def show(reader: SpendReader) -> None:
    """The shops, commonest first, each with its spellings; below, the entry for those chosen."""
    st.header(reader.text("spellings.title"), help=reader.text("spellings.help"))
    found = alias_proposals(reader.engine, reader.rulebook, SHOPS)
    if not found:
        st.info(reader.text("spellings.none"), icon=":material/inbox:")
        return
    st.write(reader.text("spellings.what"))
    chosen = [one for one in found if _is_chosen(reader, one)]
    st.subheader(reader.text("spellings.entry"))
    if chosen:
        st.write(reader.text("spellings.paste"))
        st.code(entry(chosen, Grouping.of(reader.rulebook)), language="toml")
    else:
        st.write(reader.text("spellings.choose"))


def _is_chosen(reader: SpendReader, one: Proposal) -> bool:
    """A shop to tick, with its evidence."""
    is_chosen = st.checkbox(
        reader.text(
            "spellings.shop",
            name=as_text(one.keep),
            count=len(one.spellings),
            purchases=reader.whole(one.purchase_count),
            amount=as_text(reader.money(one.total_amount)),
        ),
        key=f"spelling.{one.keep}",
    )
    with st.expander(reader.text("spellings.evidence", name=as_text(one.keep))):
        _evidence(reader, one)
    return is_chosen


def _evidence(reader: SpendReader, one: Proposal) -> None:
    shown = one.spellings[:SPELLINGS]
    blocks.table(
        {
            reader.text("spellings.spelling"): [spelling.name for spelling in shown],
            reader.text("figure.count"): [
                reader.whole(spelling.purchase_count) for spelling in shown
            ],
            reader.text("column.total_amount"): [
                reader.money(spelling.total_amount) for spelling in shown
            ],
        }
    )
    if len(one.spellings) > len(shown):
        st.caption(reader.text("bars.more", shown=len(shown), count=len(one.spellings)))
    _tell(reader, "spellings.store_numbers", one.store_numbers)
    _tell(reader, "spellings.aliases", one.aliases)


def _tell(reader: SpendReader, key: str, names: Sequence[str]) -> None:
    if names:
        st.caption(reader.text(key, names=as_text(", ".join(names))))
