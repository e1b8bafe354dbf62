"""One fetch of one station: asked, compared, marked as stale, written, and its books kept."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import uuid4

from txplatform.domains.air_quality import tables
from txplatform.domains.air_quality.sources import documents
from txplatform.domains.air_quality.sources.documents import Plan, Stamp
from txplatform.domains.air_quality.sources.provider import Provider
from txplatform.domains.air_quality.sources.records import REPLACED, Answer
from txplatform.domains.air_quality.sources.stations import FAR_KM, Station
from txplatform.errors import PlatformError, SourceError
from txplatform.ingestion.balance import Total, require_balanced
from txplatform.ingestion.ledger import FAILED, FINISHED, Ledger
from txplatform.platform import Platform

OVERLAP = timedelta(hours=48)
"""Asked again each time: the running hour is always restated, and often those before it."""

WHOLE_EVERY = timedelta(days=7)
Mark = Callable[[Station, Plan], int]
"""Marks the local days that a plan makes stale; returns how many."""


class Report(NamedTuple):
    """What one fetch or import brought; records = new + changed + unchanged + refused."""

    station_id: str
    status: str
    """`finished`, `failed`, or `skipped` (the station was asked a moment ago)."""
    sentence: str
    records: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: int = 0
    vanished: int = 0
    stale_days: int = 0


class Intake:
    """Takes in what comes for one station; every attempt leaves a document in `fetches`."""

    def __init__(self, platform: Platform, station: Station, mark: Mark) -> None:
        """Prepare for a station.

        Args:
            platform: where it is kept.
            station: whose hours come.
            mark: marks what becomes stale, before anything is written.
        """
        self._platform, self._station, self._mark = platform, station, mark
        self._fetches = platform.database[tables.FETCHES]
        self._ledger = Ledger(self._fetches)

    def fetch(self, provider: Provider, spare: timedelta) -> Report:
        """Ask the station's network for what is new; a failure is a report too.

        A network that was asked less than `spare` ago is left alone.
        """
        with exclusive(self._platform, self._station):
            now = datetime.now(UTC)
            if last := self._asked_within(now - spare, now):
                return self._spared(last)
            since = self._since(now)
            asked = {"source": self._station.provider, "asked_from": since}
            return self._kept(lambda: provider.hourly(self._station, since), asked)

    def take(self, answer: Callable[[], Answer]) -> Report:
        """Take in an answer that is at hand, such as a file's.

        Raises:
            SourceError: it cannot be used.
        """
        with exclusive(self._platform, self._station):
            report = self._kept(answer, {"source": "file", "asked_from": None})
        if report.status == FAILED:
            raise SourceError(report.sentence)
        return report

    def _asked_within(self, first: datetime, now: datetime) -> dict[str, Any] | None:
        """The last fetch of a stretch; a clock that was set back left later ones."""
        within = {"started_at": {"$gt": first, "$lte": now}}
        return self._fetches.find_one({**self._of_network(), **within}, sort=[("started_at", -1)])

    def _spared(self, last: dict[str, Any]) -> Report:
        """Not asked again so soon; a failure a moment ago is still one, not "nothing new"."""
        sentence = f"{self._station.name} was asked at {last['started_at']:%H:%M} (UTC) already."
        if last["status"] == FAILED:
            return Report(self._station.station_id, FAILED, f"{sentence} {last['sentence']}")
        return Report(self._station.station_id, "skipped", sentence)

    def _of_network(self) -> dict[str, Any]:
        return {"station_id": self._station.station_id, "source": self._station.provider}

    def _since(self, now: datetime) -> datetime | None:
        """From when to ask; None: everything, once a week and where nothing is known."""
        last = documents.last_hour(self._platform.database, self._station.station_id)
        recent = {"asked_from": None, "started_at": {"$gt": now - WHOLE_EVERY}}
        whole = {**self._of_network(), "status": FINISHED, **recent}
        if last is None or not self._fetches.find_one(whole):
            return None
        return last - OVERLAP

    def _kept(self, ask: Callable[[], Answer], asked: dict[str, Any]) -> Report:
        """Do it, and keep its books from the first moment to the last."""
        fetch_id, station_id = uuid4().hex, self._station.station_id
        begun = {"station_id": station_id, "started_at": datetime.now(UTC)}
        self._ledger.begin(fetch_id, {**begun, **asked})
        more: dict[str, Any] = {}
        try:
            answer = ask()
            report = self._taken(answer, fetch_id)
            more = {"refusals": answer.reasons, **self._far_away(answer)}
        except PlatformError as error:
            report = Report(station_id, FAILED, str(error))
            if isinstance(error, SourceError):
                more = {"kind": error.kind, "facts": error.facts}
        ended = {**report._asdict(), **more, "finished_at": datetime.now(UTC)}
        self._ledger.end(fetch_id, ended)
        return report

    def _taken(self, answer: Answer, fetch_id: str) -> Report:
        database, station = self._platform.database, self._station
        stamp = Stamp(datetime.now(UTC), fetch_id)
        plan = documents.plan(database, station.station_id, answer.records, stamp)
        stale = self._mark(station, plan)
        documents.write(database, plan.changes)
        report = Report(
            station.station_id,
            FINISHED,
            _sentence(station, plan, answer),
            records=answer.n_records,
            new=plan.new,
            changed=plan.changed,
            unchanged=plan.unchanged + answer.repeated,
            refused=answer.n_refused,
            vanished=plan.vanished,
            stale_days=stale,
        )
        became = (report.new, report.changed, report.unchanged, report.refused)
        require_balanced(station.name, Total(report.records), map(Total, became))
        return report

    def _far_away(self, answer: Answer) -> dict[str, Any]:
        """A warning where the source places the station elsewhere; nothing is changed by it."""
        if answer.header is None:
            return {}
        station, header = self._station, answer.header
        distance = station.km_from(header.latitude, header.longitude)
        if distance <= FAR_KM:
            return {}
        warning = (
            f"The source places {station.name} at {header.latitude}, {header.longitude}, "
            f"{distance:.0f} km from where stations.toml does; stations.toml counts."
        )
        return {"warning": warning, "km_away": round(distance)}


@contextmanager
def exclusive(platform: Platform, *stations: Station) -> Iterator[None]:
    """Hold the stations: fetches of one station, and computations of it, wait for each other."""
    with platform.engine.connect() as connection, connection.begin():
        for station in sorted(stations):
            connection.exec_driver_sql(
                "SELECT pg_advisory_xact_lock(hashtext('air_quality.station'), hashtext(%s))",
                (station.station_id,),
            )
        yield


def _sentence(station: Station, plan: Plan, answer: Answer) -> str:
    refused = ""
    if answer.n_refused:
        refused = f", {answer.n_refused} refused ({_why(answer)})"
    return (
        f"{station.name}: {answer.n_records} hours, {plan.new} new, {plan.changed} changed, "
        f"{plan.unchanged + answer.repeated} unchanged{refused}."
    )


def _why(answer: Answer) -> str:
    """The first record of each kind that was not taken."""
    why = [f"record {one.position + 1}: {one.reason}" for one in answer.refusals[:1]]
    why += [f"{hour:%Y-%m-%d %H:%M} (UTC): {REPLACED}" for hour in answer.replaced[:1]]
    return "; ".join(why)
