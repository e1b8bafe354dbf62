"""Hourly values in CSV or Parquet files, by a declared mapping of their columns."""

import re
from collections.abc import Collection, Iterator
from datetime import datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, model_validator

from txplatform.domains.air_quality.sources.records import (
    Answer,
    Record,
    Refusal,
    RefusedRecordError,
    gather,
    hour_of,
    number,
)
from txplatform.domains.air_quality.sources.stations import Station
from txplatform.domains.air_quality.transforms.parameters import UNITS
from txplatform.errors import SourceError, UsageError
from txplatform.ingestion.declared import Declared, read, validated
from txplatform.periods import HOUR

MAPPINGS = Path(__file__).with_name("mappings.toml")
NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?", re.ASCII)
"""Decimal itself also takes `1_2`, the digits of every script, and NaN."""
Row = dict[str, Any]


def _of(known: Collection[str]) -> AfterValidator:
    """What is named must be one of those that are known."""

    def check(name: str) -> str:
        if name not in known:
            raise ValueError(f"{name!r:.40} is none of {', '.join(sorted(known))}")
        return name

    return AfterValidator(check)


class Mapping(Declared):
    """Which columns of a file mean what."""

    name: str = ""
    shape: Literal["long", "wide"]
    time: str
    label: Literal["start", "end"]
    parameters: dict[str, Annotated[str, _of(UNITS)]]
    parameter: str = ""
    value: str = ""
    unit: str = ""
    units: dict[str, Annotated[str, _of({*UNITS.values()})]] = Field({})
    place: str = ""
    """Says of which place a row is, where a file may hold several."""

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.is_long and not all((self.parameter, self.value, self.unit, self.units)):
            raise ValueError("a long mapping needs parameter, value, unit and units")
        return self

    def called(self, name: str) -> Self:
        """The same with its name."""
        return self.model_copy(update={"name": name})

    @property
    def is_long(self) -> bool:
        """Whether a row is of one parameter, and not of all of an hour."""
        return self.shape == "long"

    @property
    def columns(self) -> list[str]:
        """The columns without which a file is of another mapping."""
        return [self.time, self.parameter, self.value, self.unit] if self.is_long else [self.time]


@cache
def load_mappings(file: Path = MAPPINGS) -> dict[str, Mapping]:
    """The mappings that a file declares, by name.

    Raises:
        UsageError: it cannot be used; the sentence names the mapping and the key.
    """
    tables = read(file, "The file of mappings")
    return {
        name: validated(Mapping, table, f"Mapping {name}", MAPPINGS.name).called(name)
        for name, table in tables.items()
    }


def mapping_of(name: str, own: Path | None = None) -> Mapping:
    """A declared mapping by its name, of a file of one's own or a shipped one.

    Raises:
        UsageError: there is none.
    """
    mappings = {**load_mappings(), **(load_mappings(own) if own else {})}
    if name not in mappings:
        raise UsageError(f"There is no mapping {name!r}: known are airqino, {', '.join(mappings)}.")
    return mappings[name]


def read_hourly_file(path: Path, mapping: Mapping, station: Station, now: datetime) -> Answer:
    """The records of a file.

    Raises:
        SourceError: the file cannot be read, or is of another mapping.
    """
    rows = _rows(path, mapping)
    read = _long_records if mapping.is_long else _wide_records
    answer = gather(read(rows, mapping, station, now))
    if not answer.n_records:
        raise SourceError(f"{path.name} holds no hour at all.")
    return answer


def _rows(path: Path, mapping: Mapping) -> list[Row]:
    # Imported here: only whoever imports files pays the time that polars takes.
    import polars as pl

    from txplatform.connectors import files

    try:
        if path.suffix.lower() == ".parquet":
            frame = pl.read_parquet(path)
        else:
            frame = pl.read_csv(files.text_of(path).encode(), infer_schema=False)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise SourceError(f"{path.name} cannot be read: {error!s:.120}.") from None
    missing = [name for name in mapping.columns if name not in frame.columns]
    if missing:
        raise SourceError(
            f"{path.name} has no column {', '.join(missing)}, which the mapping {mapping.name} "
            "needs."
        )
    if mapping.place in frame.columns and (places := frame[mapping.place].n_unique()) > 1:
        raise SourceError(f"{path.name} holds {places} places: import each as a file of its own.")
    return frame.to_dicts()


def _wide_records(
    rows: list[Row], mapping: Mapping, station: Station, now: datetime
) -> Iterator[Record | Refusal]:
    for position, row in enumerate(rows):
        try:
            hour = _hour(row, mapping, station, now)
            read = ((name, _decimal(row.get(key))) for key, name in mapping.parameters.items())
            yield Record(hour, {name: value for name, value in read if value is not None})
        except RefusedRecordError as error:
            yield Refusal(position, str(error))


def _long_records(
    rows: list[Row], mapping: Mapping, station: Station, now: datetime
) -> Iterator[Record | Refusal]:
    """One record per hour; a refused row is one refusal, and the rest of its hour stands.

    A value that comes twice and differs makes its hour come twice.
    """
    hours: dict[datetime, dict[str, Decimal]] = {}
    for position, row in enumerate(rows):
        try:
            hour = _hour(row, mapping, station, now)
            name, value = _value(row, mapping)
        except RefusedRecordError as error:
            yield Refusal(position, str(error))
            continue
        if value is not None:
            said = hours.setdefault(hour, {})
            if said.get(name, value) != value:
                yield Record(hour, dict(said))
            said[name] = value
    for hour, values in hours.items():
        yield Record(hour, values)


def _hour(row: Row, mapping: Mapping, station: Station, now: datetime) -> datetime:
    label = hour_of(row[mapping.time], None, ZoneInfo(station.label_zone), now + HOUR)
    return label - HOUR if mapping.label == "end" else label


def _value(row: Row, mapping: Mapping) -> tuple[str, Decimal | None]:
    parameter, unit = str(row[mapping.parameter]), str(row[mapping.unit])
    name = mapping.parameters.get(parameter)
    if name is None:
        raise RefusedRecordError(f"the mapping knows no parameter {parameter!r:.30}")
    if mapping.units.get(unit) != UNITS[name]:
        raise RefusedRecordError(f"{name} comes in {unit!r:.20} and {UNITS[name]} is declared")
    return name, _decimal(row[mapping.value])


def _decimal(value: object) -> Decimal | None:
    """A cell as the decimal that was written; a float as its shortest digits."""
    if value is None or value == "":
        return None
    written = str(value).strip()
    if not NUMBER.fullmatch(written):
        raise RefusedRecordError(f"{value!r:.40} is no number")
    return number(Decimal(written))
