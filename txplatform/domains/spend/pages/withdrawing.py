"""What was taken in, and the form that takes it back, for those who decide."""

from typing import Any

import streamlit as st

from txplatform.domains.spend import planning
from txplatform.domains.spend.pages import outcomes
from txplatform.domains.spend.pages.desk import Desk
from txplatform.domains.spend.sources.withdrawal import GONE, known_ingestions, withdraw
from txplatform.errors import UsageError
from txplatform.serving.dashboard import blocks
from txplatform.serving.dashboard.formats import DASH
from txplatform.settings.logins import Component

FORM, CHOICE, WHY = "withdraw", "withdraw.ingestion", "withdraw.why"
SHOWN = 20


def show(desk: Desk) -> None:
    """The ingestions, the latest first, and the form."""
    st.header(desk.text("withdraw.title"), help=desk.text("withdraw.help"))
    outcomes.tell(FORM)
    known = known_ingestions(desk.platform.database)
    if not known:
        st.write(desk.text("withdraw.none"))
        return
    shown = known[:SHOWN]
    st.caption(desk.text("pages.rows", shown=len(shown), count=desk.whole(len(known))))
    blocks.table(
        {
            desk.text("why.file"): [_name(desk, one) for one in shown],
            desk.text("withdraw.layout"): [one["layout"] for one in shown],
            desk.text("withdraw.began"): [desk.instant(one["started_at"]) for one in shown],
            desk.text("column.state"): [desk.text(f"ingestion.{one['status']}") for one in shown],
            desk.text("withdraw.loaded"): [_count(desk, one["loaded"]) for one in shown],
            desk.text("withdraw.corrected"): [_count(desk, one["corrected"]) for one in shown],
        }
    )
    if desk.may_decide:
        _form(desk, {one["_id"]: one for one in known})


def _name(desk: Desk, one: dict[str, Any]) -> str:
    name = str(one["file"])
    gone = name.removeprefix(GONE)
    return name if gone == name else desk.text("withdraw.gone", name=gone)


def _count(desk: Desk, count: int | None) -> str:
    return DASH if count is None else desk.whole(count)


def _form(desk: Desk, known: dict[str, dict[str, Any]]) -> None:
    def named(key: str) -> str:
        one = known[key]
        return f"{_name(desk, one)} · {one['layout']} · {desk.instant(one['started_at'])}"

    with st.form(FORM, clear_on_submit=True):
        st.selectbox(
            desk.text("withdraw.which"), list(known), key=CHOICE, index=None, format_func=named
        )
        st.text_input(desk.text("withdraw.why"), key=WHY)
        st.form_submit_button(
            desk.text("withdraw.button"), on_click=_withdraw, args=(desk,), icon=":material/undo:"
        )


def _withdraw(desk: Desk) -> None:
    ingestion, why = st.session_state[CHOICE], (st.session_state[WHY] or "").strip()

    def take_back() -> str:
        if not ingestion or not why:
            raise UsageError(desk.text("withdraw.incomplete"))
        platform = desk.platform.acting(Component.INGEST)
        done = withdraw(platform.database, ingestion, desk.name, why)
        planning.show_changes(platform, done.weeks)
        facts = {"removed": desk.whole(done.removed), "restored": desk.whole(done.restored)}
        weeks, again = desk.whole(len(done.weeks)), ", ".join(done.to_read_again)
        said = desk.text("withdraw.done", file=done.file, weeks=weeks, **facts)
        return f"{said} {desk.text('withdraw.again', files=again)}" if again else said

    outcomes.attempt(desk, take_back, FORM)
