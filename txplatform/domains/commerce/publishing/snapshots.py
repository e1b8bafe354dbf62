"""Layers of the lake: files that never change, and numbered manifests that say which are current.

All tables of a layer become current together, when the next manifest is created; its name can be
had once only, so of two writers the second is refused. Readers never see half a set.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import pyarrow as pa

from txplatform.connectors.object_store import ObjectStore, TakenError
from txplatform.errors import PlatformError, ServerError

KEPT_MANIFESTS = 5
LONGEST_WRITING = timedelta(days=1)
REMEDIES = {
    "bronze": "ingest its file once more",
    "silver": "take a file back with `txplatform commerce withdraw` and ingest it anew, by which "
    "the others are read again from bronze",
    "gold": "compute the tables anew with `txplatform commerce run`",
}
"""What to do where a file of a layer was deleted or damaged by somebody else."""
NUMBER = re.compile(r"(\d{12})\.json$")


@dataclass(frozen=True)
class File:
    """One Parquet file of a table."""

    name: str
    rows: int
    size: int
    """Bytes; 0 where it is not known."""
    content: str = ""
    """Hash of the source file that it came from, where it came from one."""
    seconds: float = 0.0
    """From the start of the computation until it was written."""
    sha256: str = ""
    sums: dict[str, str] = field(default_factory=dict)
    """Of its columns of money, where they may be added up."""


@dataclass(frozen=True)
class Manifest:
    """What a layer holds as of a number."""

    number: int
    run_id: str
    written_at: str
    tables: dict[str, list[File]] = field(default_factory=dict)
    facts: dict[str, str] = field(default_factory=dict)
    """What the tables were computed from: engine, as_of, silver's number, sums."""

    def files(self, table: str) -> list[File]:
        """The files of a table; none where it was never written."""
        return self.tables.get(table, [])

    def rows(self, table: str) -> int:
        """Number of rows of a table."""
        return sum(file.rows for file in self.files(table))


NOTHING = Manifest(0, "", "")


class Layer:
    """One layer of the lake, such as `gold`."""

    def __init__(self, store: ObjectStore, name: str, cache: Path) -> None:
        self.store = store
        self.name = name
        self._cache = cache

    def current(self) -> Manifest:
        """The manifest that counts; an empty one, number 0, where there is none."""
        numbers = self._numbers()
        return self.manifest(numbers[-1]) if numbers else NOTHING

    def manifest(self, number: int) -> Manifest:
        """The manifest of a number."""
        try:
            document = json.loads(self.store.get(self._manifest_name(number)))
        except FileNotFoundError:
            raise PlatformError(f"The {self.name} layer has no manifest {number}.") from None
        tables = {
            table: [File(**file) for file in files] for table, files in document["tables"].items()
        }
        return Manifest(**{**document, "tables": tables})

    def put(self, table: str, rows: pa.Table | pa.RecordBatchReader, content: str = "") -> File:
        """Write rows under a name that nobody has; they count once a manifest names them."""
        name = f"{self.name}/{table}/{uuid4().hex}.parquet"
        stored = self.store.put_table(name, rows)
        return File(name, stored.rows, stored.size, content, sha256=stored.sha256)

    def commit(
        self,
        based_on: Manifest,
        tables: Mapping[str, list[File]],
        run_id: str,
        facts: Mapping[str, str],
    ) -> Manifest:
        """Make the files of some tables current; the others stay as they are in `based_on`.

        Raises:
            ServerError: another writer was faster; nothing of this one counts.
        """
        now = datetime.now(UTC).isoformat()
        made = Manifest(
            based_on.number + 1, run_id, now, {**based_on.tables, **tables}, dict(facts)
        )
        content = json.dumps(asdict(made), indent=1).encode()
        try:
            self.store.create(self._manifest_name(made.number), content)
        except TakenError:
            self.store.delete(_names(made) - _names(based_on))
            raise ServerError(
                f"Another run has written the {self.name} layer meanwhile: nothing of this one "
                "counts. Run it again."
            ) from None
        return made

    def read(
        self, manifest: Manifest, table: str, columns: list[str] | None = None
    ) -> pa.Table | None:
        """The rows of a table; None where it was never written."""
        files = manifest.files(table)
        if not files:
            return None
        return pa.concat_tables([self.rows_of(file, columns) for file in files])

    def rows_of(self, file: File, columns: list[str] | None = None) -> pa.Table:
        """The rows of one file.

        Raises:
            PlatformError: it is not there any more, or damaged; what to do.
        """
        try:
            return self.store.get_table(file.name, columns)
        except (pa.ArrowException, OSError):
            raise self._unusable(file) from None

    def damaged(self, manifest: Manifest) -> list[str]:
        """Names of files whose content is not that which was written."""
        files = [file for files in manifest.tables.values() for file in files]
        return [one.name for one in files if not self._is_as_written(one)]

    def _is_as_written(self, file: File) -> bool:
        try:
            return sha256(self.store.get(file.name)).hexdigest() == file.sha256
        except FileNotFoundError:
            return False

    def paths(self, files: Iterable[File]) -> list[Path]:
        """The files as paths of this machine, for engines.

        Raises:
            PlatformError: one is not there any more, or has another size; what to do.
        """
        return [self._path(file) for file in files]

    def _path(self, file: File) -> Path:
        try:
            path = self.store.local_path(file.name, self._cache)
            size = path.stat().st_size
        except FileNotFoundError:
            raise self._unusable(file) from None
        if file.size not in (0, size):
            raise self._unusable(file)
        return path

    def _unusable(self, file: File) -> PlatformError:
        """Another run has replaced a file meanwhile, or somebody has deleted or damaged it."""
        layer, table, *_ = file.name.split("/")
        if layer == self.name and file.name not in _names(self.current()):
            return PlatformError(
                f"This version of {table} is not in the {layer} layer any more: ask again."
            )
        return PlatformError(
            f"{file.name} in the lake is missing or damaged: restore it, or {REMEDIES[layer]}."
        )

    def history(self) -> list[Manifest]:
        """All manifests that are kept, the oldest first."""
        return [self.manifest(number) for number in self._numbers()]

    def vacuum(self, keep: int = KEPT_MANIFESTS) -> int:
        """Delete manifests but the last `keep`, and files that only the others name; how many.

        A file that nobody names may be that of a writer who has not committed yet: it is deleted
        once it is a day old.
        """
        numbers = self._numbers()
        kept, others = (
            set[str]().union(*(_names(self.manifest(number)) for number in part))
            for part in (numbers[-keep:], numbers[:-keep])
        )
        old = self.store.names(f"{self.name}/", datetime.now(UTC) - LONGEST_WRITING)
        unnamed = {name for name in old if name.endswith(".parquet")} - kept
        gone = sorted(unnamed | others - kept)
        # Manifests first: whoever dies here leaves files that nobody names.
        self.store.delete([self._manifest_name(number) for number in numbers[:-keep]])
        self.store.delete(gone)
        return len(gone)

    def _numbers(self) -> list[int]:
        names = self.store.names(f"{self.name}/_manifests")
        return [int(found[1]) for name in names if (found := NUMBER.search(name))]

    def _manifest_name(self, number: int) -> str:
        return f"{self.name}/_manifests/{number:012}.json"


def _names(manifest: Manifest) -> set[str]:
    return {file.name for files in manifest.tables.values() for file in files}
