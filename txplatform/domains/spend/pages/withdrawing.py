"""What was taken in, and the form that takes it back, for those who decide."""

from typing import Any

import streamlit as st

from txplatform.domains.spend import publishing
from txplatform.domains.spend.pages import outcomes
from txplatform.domains.spend.pages.reader import SpendReader
from txplatform.domains.spend.sources.withdrawal import GONE, known_ingestions, withdraw
from txplatform.errors import UsageError
from txplatform.serving.dashboard import blocks
from txplatform.serving.dashboard.formats import DASH
from txplatform.settings.logins import Component

FORM, CHOICE, WHY = "withdraw", "withdraw.ingestion", "withdraw.why"
SHOWN = 20


def show(reader: SpendReader) -> None:
    """The ingestions, the latest first, and the form."""
    st.header(reader.text("withdraw.title"), help=reader.text("withdraw.help"))
    outcomes.tell(FORM)
    known = known_ingestions(reader.platform.database)
    if not known:
        st.write(reader.text("withdraw.none"))
        return
    shown = known[:SHOWN]
    st.caption(reader.text("pages.rows", shown=len(shown), count=reader.whole(len(known))))
    blocks.table(
        {
            reader.text("why.file"): [_name(reader, one) for one in shown],
            reader.text("withdraw.layout"): [one["layout"] for one in shown],
            reader.text("withdraw.began"): [reader.instant(one["started_at"]) for one in shown],
            reader.text("column.state"): [
                reader.text(f"ingestion.{one['status']}") for one in shown
            ],
            reader.text("withdraw.loaded"): [_count(reader, one["loaded"]) for one in shown],
            reader.text("withdraw.corrected"): [_count(reader, one["corrected"]) for one in shown],
        }
    )
    if reader.may_decide:
        _form(reader, {one["_id"]: one for one in known})


def _name(reader: SpendReader, one: dict[str, Any]) -> str:
    name = str(one["file"])
    gone = name.removeprefix(GONE)
    return name if gone == name else reader.text("withdraw.gone", name=gone)


def _count(reader: SpendReader, count: int | None) -> str:
    return DASH if count is None else reader.whole(count)


def _form(reader: SpendReader, known: dict[str, dict[str, Any]]) -> None:
    def named(key: str) -> str:
        one = known[key]
        return f"{_name(reader, one)} · {one['layout']} · {reader.instant(one['started_at'])}"

    with st.form(FORM, clear_on_submit=True):
        st.selectbox(
            reader.text("withdraw.which"),
            list(known),
            key=CHOICE,
            index=None,
            format_func=named,
            placeholder=reader.text("deciding.choose"),
        )
        st.text_input(reader.text("withdraw.why"), key=WHY)
        st.form_submit_button(
            reader.text("withdraw.button"),
            on_click=_withdraw,
            args=(reader,),
            icon=":material/undo:",
        )


def _withdraw(reader: SpendReader) -> None:
    ingestion, why = st.session_state[CHOICE], (st.session_state[WHY] or "").strip()

    def take_back() -> str:
        if not ingestion or not why:
            raise UsageError(reader.text("withdraw.incomplete"))
        platform = reader.platform.acting(Component.INGEST)
        done = withdraw(platform.database, ingestion, reader.name, why)
        publishing.show_changes(platform, done.weeks)
        facts = {"removed": reader.whole(done.removed), "restored": reader.whole(done.restored)}
        weeks, again = reader.whole(len(done.weeks)), ", ".join(done.to_read_again)
        said = reader.text("withdraw.done", file=done.file, weeks=weeks, **facts)
        return f"{said} {reader.text('withdraw.again', files=again)}" if again else said

    outcomes.attempt(reader, take_back, FORM)
