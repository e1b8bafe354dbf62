"""Live: what the shop's customers do, refreshed every two seconds without reloading the page."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import streamlit as st
from sqlalchemy import Row

from txplatform.domains.clickstream.queries import live as queries
from txplatform.domains.clickstream.queries.status import StreamStatus, status
from txplatform.domains.clickstream.settings import ClickstreamSettings
from txplatform.serving.dashboard import blocks, charts
from txplatform.serving.dashboard.charts import Point
from txplatform.serving.dashboard.formats import DASH
from txplatform.serving.dashboard.query_parameters import View
from txplatform.serving.dashboard.reader import Reader

REFRESH_SECONDS = 2
MINUTE = timedelta(minutes=1)
CARTS = ("open", "abandoned", "recovered", "purchased")
STEPS = ("view", "add", "checkout", "purchase")
NOTHING = (0, Decimal(0))


def show(reader: Reader, view: View) -> None:  # noqa: ARG001 - nothing here is chosen
    """The page."""
    st.title(reader.text("live.title"))
    st.fragment(_look, run_every=REFRESH_SECONDS)(reader)


def _look(reader: Reader) -> None:
    """One look at everything; run again and again."""
    own = reader.platform.settings.of(ClickstreamSettings)
    now, found = status(reader.engine, own.topic), queries.live(reader.engine)
    _tell_state(reader, now)
    if now.state == "never" and not found.minutes:
        return
    _stream(reader, now)
    _carts(reader, found, own.currency)
    _minutes(reader, found.minutes, now.watermark)
    _funnel(reader, found.funnel)
    _alerts(reader, found.alerts)


def _tell_state(reader: Reader, now: StreamStatus) -> None:
    """A stopped job says since when, instead of showing old numbers as new."""
    match now.state:
        case "never":
            st.info(reader.text("domain.empty"))
        case "running":
            st.success(reader.text("state.running", at=reader.instant(now.seen_at)))
        case "stopped":
            st.warning(reader.text("state.stopped", at=reader.instant(now.seen_at)))
        case "lost":
            st.error(reader.text("state.lost", at=reader.instant(now.seen_at)))


def _stream(reader: Reader, now: StreamStatus) -> None:
    figures = {
        "lag": reader.whole(now.lag_events),
        "age": reader.span(timedelta(seconds=round(now.lag_seconds))),
        "late": reader.whole(now.late),
        "corrected": reader.whole(now.corrected),
        "lost": reader.whole(now.lost),
    }
    blocks.explained(reader, "figure", figures)
    final = reader.text("figure.watermark", at=reader.instant(now.watermark))
    st.caption(f"{final} {reader.text('figure.refused', count=reader.whole(now.refused))}")


def _carts(reader: Reader, found: queries.Live, currency: str) -> None:
    st.subheader(reader.text("carts.title"))
    row = st.container(horizontal=True)
    for name in CARTS:
        count, value = found.carts.get(name, NOTHING)
        row.metric(
            reader.text(f"carts.{name}"),
            reader.whole(count),
            delta=f"{reader.amount(value)} {currency}",
            delta_color="off",
            delta_arrow="off",
            help=reader.text(f"carts.{name}_help"),
            width=blocks.FIGURE_PX,
        )


def _minutes(reader: Reader, minutes: Sequence[Row[Any]], watermark: datetime | None) -> None:
    st.subheader(reader.text("minutes.title"))
    kinds = (reader.text("minutes.final"), reader.text("minutes.open"))
    points = [
        Point(
            at,
            "",
            Decimal(n),
            f"{at:%H:%M} {reader.whole(n)}",
            kinds[watermark is None or at + MINUTE > watermark],
        )
        for at, n in every_minute(minutes)
    ]
    titles = [reader.text(f"minutes.{name}") for name in ("minute", "events", "state")]
    charts.period_bars(points, titles, kinds, reader.locale)


def every_minute(minutes: Sequence[Row[Any]]) -> Iterator[tuple[datetime, int]]:
    """Events by minute from the first to the last; of a minute in which nobody came 0."""
    counts = {row.window_start: int(row.n_events) for row in minutes}
    at = min(counts, default=None)
    while at is not None and at <= max(counts):
        yield at, counts.get(at, 0)
        at += MINUTE


def _funnel(reader: Reader, hour: Row[Any] | None) -> None:
    if hour is None:
        return
    st.subheader(reader.text("funnel.title", hour=reader.instant(hour.hour)))
    counts = [getattr(hour, f"n_{step}") for step in STEPS]
    shares = [
        DASH,
        *(rate(reader, n, before) for before, n in pairwise(counts)),
    ]
    blocks.table(
        {
            reader.text("funnel.step"): [reader.text(f"funnel.{step}") for step in STEPS],
            reader.text("funnel.visits"): [reader.whole(count) for count in counts],
            reader.text("funnel.share"): shares,
        }
    )
    st.caption(reader.text("funnel.skipped", count=reader.whole(hour.n_out_of_order)))


def rate(reader: Reader, count: int, before: int) -> str:
    """The share of the step before; a dash where nobody took that step."""
    return reader.share(Decimal(count) / Decimal(before)) if before else DASH


def _alerts(reader: Reader, alerts: Sequence[Row[Any]]) -> None:
    st.subheader(reader.text("alerts.title"))
    if not alerts:
        st.caption(reader.text("alerts.none"))
        return
    blocks.table(
        {
            reader.text("alerts.window"): [reader.instant(row.window_start) for row in alerts],
            reader.text("alerts.rule"): [reader.text(f"rule.{row.rule}") for row in alerts],
            reader.text("alerts.key"): [row.key for row in alerts],
            reader.text("alerts.severity"): [
                reader.text(f"severity.{row.severity}") for row in alerts
            ],
            reader.text("alerts.observed"): [_figure(reader, row.observed) for row in alerts],
            reader.text("alerts.usual"): [_figure(reader, row.usual) for row in alerts],
        }
    )


def _figure(reader: Reader, value: Decimal) -> str:
    return reader.number(value.normalize() if value % 1 else value.quantize(Decimal(1)))
