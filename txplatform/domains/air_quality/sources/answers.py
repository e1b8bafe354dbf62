"""The AirQino answers: hourly averages of one station as JSON, from the API or a saved file."""

import json
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from math import isfinite
from typing import Any, NoReturn
from zoneinfo import ZoneInfo

from txplatform.domains.air_quality.sources.records import (
    Answer,
    Header,
    Record,
    Refusal,
    RefusedRecordError,
    gather,
    hour_of,
    number,
)
from txplatform.domains.air_quality.sources.stations import Station
from txplatform.errors import SourceError

KEYS = {
    "CO": "co",
    "NO2": "no2",
    "O3": "o3",
    "PM10": "pm10",
    "PM2.5": "pm25",
    "RH": "rh",
    "T": "t_ext",
    "T. int.": "t_int_raw",
}
"""AirQino's names of the parameters; the answer has no units: they are those of `PARAMETERS`."""

TIME = "%Y-%m-%d %H:%M:%S"
SHOWN = 60


def read_answer(text: str, station: Station, now: datetime) -> Answer:
    """The records of an answer.

    Raises:
        SourceError: the text is no answer with hourly averages; the sentence says what it is.
    """
    if not text.strip():
        raise SourceError("The answer has no content at all.", "empty")
    content = _json(text)
    if isinstance(content, dict) and "raw_data" in content:
        raise SourceError("The answer holds raw readings of the sensors, no averages.", "raw")
    entries = content.get("data") if isinstance(content, dict) else content
    if not isinstance(entries, list):
        sentence = f"The answer has no list of hours; it begins {text[:SHOWN]!r}."
        raise SourceError(sentence, "no_list")
    if not entries:
        raise SourceError("The answer holds no hour at all (`data` is empty).", "empty")
    header = _header(content) if isinstance(content, dict) else None
    return gather(_records(entries, station, now), header)


def _json(text: str) -> Any:
    try:
        return json.loads(
            text, parse_float=Decimal, parse_int=Decimal, parse_constant=_refuse_constant
        )
    except (ValueError, RecursionError) as error:
        is_html = text.lstrip()[:1] == "<"
        what = "HTML" if is_html else f"no complete JSON ({error!s:.80})"
        sentence = f"The answer is {what}; it begins {text[:SHOWN]!r}."
        raise SourceError(sentence, "html" if is_html else "cut") from None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def _header(content: dict[str, Any]) -> Header | None:
    header: Any = content.get("header")
    try:
        place = float(header["station_lat"]), float(header["station_lon"])
        return Header(str(header["station_name"]), *place) if all(map(isfinite, place)) else None
    except (KeyError, TypeError, ValueError, OverflowError):
        return None


def _records(entries: list[Any], station: Station, now: datetime) -> Iterator[Record | Refusal]:
    zone, labels = ZoneInfo(station.label_zone), set[str]()
    for position, entry in enumerate(entries):
        try:
            yield _record(entry, zone, now, labels)
        except RefusedRecordError as error:
            yield Refusal(position, str(error))


def _record(entry: object, zone: ZoneInfo, now: datetime, labels: set[str]) -> Record:
    """A record; its label joins those that were there before it."""
    if not isinstance(entry, dict):
        raise RefusedRecordError("a record is no object")
    label = entry.get("timestamp")
    hour = hour_of(label, TIME, zone, now, is_second=str(label) in labels)
    labels.add(str(label))
    read = ((name, number(entry.get(key))) for key, name in KEYS.items())
    return Record(hour, {name: value for name, value in read if value is not None})
