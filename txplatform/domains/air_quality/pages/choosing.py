"""What is looked at: a station, a parameter, a stretch of days; and how they are written."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import streamlit as st
from babel import numbers
from sqlalchemy import func, select

from txplatform.domains.air_quality import tables
from txplatform.domains.air_quality.queries.basis import basis_of
from txplatform.domains.air_quality.queries.rows import Wanted
from txplatform.domains.air_quality.sources.stations import Station
from txplatform.domains.air_quality.transforms.exact import half_up
from txplatform.domains.air_quality.transforms.parameters import POLLUTANTS, UNITS
from txplatform.serving.dashboard import blocks
from txplatform.serving.dashboard.formats import DASH, NO_BREAK, as_text, calendar_name
from txplatform.serving.dashboard.query_parameters import View
from txplatform.serving.dashboard.reader import Reader

COUNTED = "t_int_raw"
"""Has no unit: its name says that it is raw."""

Columns = Mapping[str, Callable[[Any], str]]
"""By the text of its heading, what a column writes of a row."""

PERIODS = {"7": 7, "30": 30, "90": 90, "365": 365, "all": 36_500}


class Choice(NamedTuple):
    """A station, a parameter and the days that are looked at."""

    station: Station
    parameter: str
    first: date
    last: date

    @property
    def wanted(self) -> Wanted:
        """The rows of it."""
        return Wanted(self.station.station_id, (self.parameter,), self.first, self.last)


def choose(reader: Reader, view: View, period: str = "365") -> Choice | None:
    """Widgets at the side for station, parameter and period; None where there are no figures."""
    with st.sidebar:
        station = station_box(reader, view, "station", "choose.station")
        parameter = view.choice(
            "parameter",
            reader.text("choose.parameter"),
            POLLUTANTS,
            "pm25",
            str,
            lambda name: name_of(reader, name),
        )
        length = blocks.chosen(reader, view, "period", list(PERIODS), period)
        tell_zone(reader, station)
    last = _last_day(reader, station)
    if last is None:
        st.info(reader.text("state.nothing"), icon=":material/inbox:")
        return None
    return Choice(station, parameter, last - timedelta(days=PERIODS[length] - 1), last)


def station_box(reader: Reader, view: View, key: str, label: str, position: int = 0) -> Station:
    """A select box of the stations."""
    stations = list(basis_of(reader.platform).stations.values())
    default = stations[min(position, len(stations) - 1)]
    return view.choice(
        key,
        reader.text(label),
        stations,
        default,
        lambda station: station.station_id,
        lambda station: station.name,
    )


def tell_zone(reader: Reader, station: Station) -> None:
    """Whose clock the times of a station are of: not of those of the other pages."""
    st.caption(reader.text("choose.zone", station=as_text(station.name), zone=station.figures_zone))


def _last_day(reader: Reader, station: Station) -> date | None:
    table = tables.air_daily
    newest = select(func.max(table.c.local_date)).where(table.c.station_id == station.station_id)
    with reader.engine.connect() as connection:
        return connection.execute(newest).scalar_one_or_none()


def listed(reader: Reader, rows: Iterable[Any], columns: Columns) -> None:
    """A table of rows."""
    shown = list(rows)
    blocks.table(
        {reader.text(name): [write(row) for row in shown] for name, write in columns.items()}
    )


def yes_or_no(reader: Reader, is_so: bool | None) -> str:
    """A word; a dash where nobody knows."""
    return DASH if is_so is None else reader.text("word.yes" if is_so else "word.no")


def name_of(reader: Reader, parameter: str) -> str:
    """A parameter's name with its unit."""
    name = reader.text(f"parameter.{parameter}")
    return name if parameter == COUNTED else f"{name} ({unit_of(parameter)})"


def unit_of(parameter: str) -> str:
    """A unit as people write it."""
    return as_written(UNITS[parameter])


def as_written(text: str) -> str:
    """A text with its units as people write them."""
    return text.replace("ug/m3", "µg/m³").replace("mg/m3", "mg/m³").replace("degC", "°C")


def reasons(reader: Reader, codes: str) -> str:
    """Why a sensor cannot be believed, all of it."""
    return ", ".join(reader.text(f"suspicion.{code}") for code in codes.split(", "))


def cell_name(reader: Reader, by: str, at: int) -> str:
    """A cell of a profile as people call it: an hour by its number, weekdays and months by name."""
    return str(at) if by == "hour" else calendar_name(by, at, reader.locale, "abbreviated")


def level_name(reader: Reader, code: str, name: str) -> str:
    """A set of levels in the reader's language; one of the installation's own by its name."""
    return reader.texts.get(f"level.{code}", name)


def amount(reader: Reader, value: Decimal | None, places: int = 1, of: str = COUNTED) -> str:
    """A value, rounded for reading only, with the unit of a parameter that has one."""
    if value is None:
        return DASH
    pattern = f"#,##0.{'0' * places}"
    written = numbers.format_decimal(half_up(value, places), pattern, reader.locale)
    return written if of == COUNTED else f"{written}{NO_BREAK}{unit_of(of)}"


def hour(reader: Reader, moment: datetime | None, zone: str) -> str:
    """An hour in the station's zone."""
    if moment is None:
        return DASH
    local = moment.astimezone(ZoneInfo(zone))
    return f"{reader.day(local.date())} {local:%H:%M}"
