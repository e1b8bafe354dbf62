"""The lake: Parquet below one folder, one folder per dataset and period, replaced atomically."""

import os
from collections.abc import Mapping
from pathlib import Path
from tempfile import NamedTemporaryFile

import pyarrow as pa
from pyarrow import parquet

from txplatform.connectors.private_files import private_folder
from txplatform.errors import PlatformError, ServerError


class Lake:
    """Tables by dataset and period.

    A period is one file in a folder of its own (`<dataset>/period=2026-11-16/`), renamed into
    place: a reader sees the old table or the new one, never a part, and a crash leaves the old.
    A dataset may lie below another's name, such as `air_quality/daily`.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, dataset: str, period: str) -> Path:
        """Where the table of a period is kept."""
        folder = self.root / dataset
        return folder / f"period={period}" / f"{folder.name}.parquet"

    def write(self, dataset: str, period: str, table: pa.Table) -> Path:
        """Replace the table of a period; its schema metadata is kept with it.

        Raises:
            ServerError: the folder cannot be written or the disk is full.
        """
        target = self.path(dataset, period)
        try:
            private_folder(target.parent)
            _replace(target, table)
        except OSError as error:
            raise ServerError(
                f"The lake at {self.root} cannot be written ({error.strerror or error}): make "
                "room or choose another folder with TXPLATFORM_LAKE_DIR."
            ) from None
        return target

    def read(self, dataset: str, period: str) -> pa.Table:
        """The table of a period.

        Raises:
            PlatformError: it was never written.
        """
        path = self.path(dataset, period)
        if not path.exists():
            raise PlatformError(
                f"The lake has no {dataset} of {period}: materialise {dataset} first."
            )
        return parquet.ParquetFile(path).read()


def with_metadata(table: pa.Table, values: Mapping[str, str]) -> pa.Table:
    """The table with `values` as its schema metadata, which Parquet keeps."""
    return table.replace_schema_metadata(dict(values))


def metadata_of(table: pa.Table) -> dict[str, str]:
    """The schema metadata of a table as text."""
    return {key.decode(): value.decode() for key, value in (table.schema.metadata or {}).items()}


def _replace(target: Path, table: pa.Table) -> None:
    with NamedTemporaryFile(dir=target.parent, suffix=".tmp", delete=False) as file:
        written = Path(file.name)
        try:
            parquet.write_table(table, file)
            file.flush()
            os.fsync(file.fileno())
            written.replace(target)
        finally:
            written.unlink(missing_ok=True)
