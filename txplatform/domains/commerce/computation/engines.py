"""The engines behind narwhals: DuckDB in process, a company's Spark, pandas for comparison.

They read the lake's Parquet into whole units, keep what several tables share, and hand results
back as Arrow. What is computed in between is written once, in `transforms`.
"""

import hashlib
import shutil
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, NamedTuple
from weakref import finalize

import narwhals as nw
import pyarrow as pa
from pyarrow import dataset

from txplatform.connectors.object_store import ROW_GROUP
from txplatform.domains.commerce.tables.arrow import in_units
from txplatform.errors import UsageError

Frame = nw.LazyFrame[Any]
MOST_ROWS_IN_MEMORY = 1_000_000
LONGEST_SECONDS = 86_400


def _lazy(native: Any) -> Frame:
    frame: Frame = nw.from_native(native).lazy()
    return frame


class Engine(ABC):
    """What a computation needs of an engine."""

    name: str

    @abstractmethod
    def table(self, rows: pa.Table) -> Frame:
        """A frame of an Arrow table."""

    def read(self, paths: Sequence[Path], schema: pa.Schema) -> Frame:
        """A frame of Parquet files in whole units; without files, of no rows."""
        if not paths:
            return self.table(in_units(schema.empty_table()))
        return self._scanned([str(path) for path in paths], schema)

    @abstractmethod
    def _scanned(self, paths: list[str], schema: pa.Schema) -> Frame:
        """A frame of Parquet files in whole units."""

    @abstractmethod
    def keep(self, frame: Frame) -> Frame:
        """The frame computed once, for several uses."""

    @abstractmethod
    def hashed(self, frame: Frame, **texts: str) -> Frame:
        """The frame with hashes (MD5, hexadecimal) of its text columns under new names."""

    @abstractmethod
    def collect(self, frame: Frame) -> pa.Table:
        """The rows as Arrow."""

    def batches(self, frame: Frame) -> Iterator[pa.RecordBatch]:
        """The rows as Arrow, some at a time where the engine can; nothing else is asked before."""
        yield from self.collect(frame).to_batches(ROW_GROUP)

    @contextmanager
    def sized(self, _: int) -> Iterator[None]:
        """Let the engine do in the block what suits so many rows; most know one way."""
        yield

    @abstractmethod
    def release(self) -> None:
        """Give back what is kept: frames that read it are of no use any more."""

    def close(self) -> None:
        """Give back everything."""
        self.release()


class Dialect(NamedTuple):
    """How an engine's SQL turns a column into whole units; `{}` is the column."""

    quoted: str
    second: str
    day: str

    def units(self, field: pa.Field) -> str:
        """A field in whole units, under its name."""
        name, kind = self.quoted.format(field.name), field.type
        value = name
        if pa.types.is_decimal(kind):
            wide = f"CAST({name} AS DECIMAL(38, {kind.scale}))"
            value = f"CAST({wide} * {10**kind.scale} AS BIGINT)"
        elif pa.types.is_timestamp(kind):
            value = self.second.format(name)
        elif pa.types.is_date(kind):
            value = f"CAST({self.day.format(name)} AS BIGINT)"
        return f"{value} AS {name}"


class DuckDB(Engine):
    """DuckDB in this process: the default, right for a laptop and some ten million lines."""

    name = "duckdb"
    dialect = Dialect('"{}"', "epoch_us({}) // 1000000", "{} - DATE '1970-01-01'")

    def __init__(self, memory: str | None = None, spill: Path | None = None) -> None:
        import duckdb

        self._connection = duckdb.connect(config={"preserve_insertion_order": "false"})
        self._kept, self._is_large = 0, False
        if memory:
            self._connection.execute(f"SET memory_limit = '{memory}'")
        if spill:
            spill.mkdir(parents=True, exist_ok=True)
            _clear(spill)
        self._folder = Path(mkdtemp(dir=spill))
        self._delete_folder = finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        self._connection.execute(f"SET temp_directory = '{self._folder}'")

    def table(self, rows: pa.Table) -> Frame:
        """A frame that reads the Arrow table where it lies."""
        return _lazy(self._connection.from_arrow(rows))

    def _scanned(self, paths: list[str], schema: pa.Schema) -> Frame:
        """Parquet, read by DuckDB itself."""
        columns = ", ".join(map(self.dialect.units, schema))
        return _lazy(self._connection.read_parquet(paths).project(columns))

    def keep(self, frame: Frame) -> Frame:
        """A table of the connection, or a file of its folder."""
        self._kept += 1
        name = f"kept_{self._kept}"
        if self._is_large:
            file = f"{self._folder}/{name}.parquet"
            nw.to_native(frame).write_parquet(file, compression="lz4")
            return _lazy(self._connection.read_parquet(file))
        nw.to_native(frame).create(name)
        return _lazy(self._connection.table(name))

    def hashed(self, frame: Frame, **texts: str) -> Frame:
        """With DuckDB's md5."""
        hashes = ", ".join(f'md5("{text}") AS "{name}"' for name, text in texts.items())
        taken = [name for name in texts if name in frame.collect_schema().names()]
        native = nw.to_native(frame.drop(taken) if taken else frame)
        return _lazy(native.project(f"*, {hashes}"))

    def collect(self, frame: Frame) -> pa.Table:
        """Arrow, without a copy of text."""
        return nw.to_native(frame).to_arrow_table()

    def batches(self, frame: Frame) -> Iterator[pa.RecordBatch]:
        """Arrow, as DuckDB computes it."""
        yield from nw.to_native(frame).to_arrow_reader(ROW_GROUP)

    @contextmanager
    def sized(self, rows: int) -> Iterator[None]:
        """What is kept of many rows lies in files, as columns: in memory it would have to spill."""
        self._is_large = rows > MOST_ROWS_IN_MEMORY
        yield
        self._is_large = False

    def release(self) -> None:
        """Drop the tables, delete the files."""
        for number in range(1, self._kept + 1):
            self._connection.execute(f"DROP TABLE IF EXISTS kept_{number}")
            (self._folder / f"kept_{number}.parquet").unlink(missing_ok=True)
        self._kept = 0

    def close(self) -> None:
        """Close the connection and all that it keeps."""
        self._connection.close()
        self._delete_folder()


def _clear(spill: Path) -> None:
    """Delete what processes left that were killed."""
    for left in spill.iterdir():
        with suppress(FileNotFoundError):  # another process ends and takes its own away
            if left.stat().st_mtime < time.time() - LONGEST_SECONDS:
                shutil.rmtree(left, ignore_errors=True)


class Spark(Engine):
    """A session of Spark, local or a company's; its workers must see the lake's files."""

    name = "spark"
    dialect = Dialect(
        "`{}`", "unix_timestamp(CAST({} AS TIMESTAMP))", "datediff({}, DATE '1970-01-01')"
    )

    def __init__(self, session: Any) -> None:
        self._session = session
        self._kept: list[Any] = []

    def table(self, rows: pa.Table) -> Frame:
        """A DataFrame of an Arrow table."""
        from txplatform.connectors import spark

        return _lazy(spark.frame(self._session, rows))

    def _scanned(self, paths: list[str], schema: pa.Schema) -> Frame:
        """Parquet, read by Spark itself."""
        files = self._session.read.parquet(*paths)
        return _lazy(files.selectExpr(*map(self.dialect.units, schema)))

    def keep(self, frame: Frame) -> Frame:
        """A persisted DataFrame, computed when it is first used."""
        native = nw.to_native(frame).persist()
        self._kept.append(native)
        return _lazy(native)

    def hashed(self, frame: Frame, **texts: str) -> Frame:
        """With Spark's md5."""
        from pyspark.sql import functions as F

        native = nw.to_native(frame)
        columns = {name: F.md5(F.col(text)) for name, text in texts.items()}
        return _lazy(native.withColumns(columns))

    def collect(self, frame: Frame) -> pa.Table:
        """Arrow."""
        return nw.to_native(frame).toArrow()

    @contextmanager
    def sized(self, rows: int) -> Iterator[None]:
        """Partitions by the number of rows, and code that is compiled where they are many."""
        from txplatform.connectors import spark

        with spark.sized(self._session, rows):
            yield

    def release(self) -> None:
        """Let go of what is persisted; the session is its owner's."""
        while self._kept:
            self._kept.pop().unpersist()


class Pandas(Engine):
    """pandas, for the comparison: everything in memory, in one thread."""

    name = "pandas"

    def table(self, rows: pa.Table) -> Frame:
        """A frame with pandas' nullable types: its others turn whole numbers into doubles."""
        return _lazy(rows.to_pandas(types_mapper=_nullable, ignore_metadata=True))

    def _scanned(self, paths: list[str], schema: pa.Schema) -> Frame:
        """Parquet through Arrow."""
        files = dataset.dataset(paths, format="parquet")
        return self.table(in_units(files.to_table(columns=schema.names)))

    def keep(self, frame: Frame) -> Frame:
        """The frame: pandas computes at once."""
        return frame

    def hashed(self, frame: Frame, **texts: str) -> Frame:
        """With Python's md5, row by row."""
        native = nw.to_native(frame.collect()).copy()
        for name, text in texts.items():
            native[name] = native[text].map(_md5).astype("string")
        return _lazy(native)

    def collect(self, frame: Frame) -> pa.Table:
        """Arrow."""
        return pa.Table.from_pandas(nw.to_native(frame.collect()), preserve_index=False)

    def release(self) -> None:
        """Nothing is held."""


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _nullable(kind: pa.DataType) -> Any:
    import pandas as pd

    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return pd.StringDtype("python")
    if pa.types.is_boolean(kind):
        return pd.BooleanDtype()
    return pd.Int64Dtype() if pa.types.is_integer(kind) else None


def engine(
    name: str,
    open_session: Callable[[], Any],
    spill: Path | None = None,
    memory: str | None = None,
) -> Engine:
    """The engine of a name.

    Args:
        name: duckdb, spark or pandas.
        open_session: gives the Spark session; not called by the others.
        spill: folder for what does not fit into memory.
        memory: what DuckDB may take, such as 500MB; None: what it sees fit.

    Raises:
        UsageError: there is none of this name.
    """
    if name == "spark":
        return Spark(open_session())
    if name == "pandas":
        return Pandas()
    if name == "duckdb":
        return DuckDB(memory, spill)
    raise UsageError(f"There is no engine {name}; there are duckdb, spark and pandas.")
