"""The YAML of this folder: which connection, datasets, charts and dashboards there are.

A document's kind is its first folder's name. What the database knows better (where it is, what its
tables and columns mean) is not written here: it is filled in from it.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Engine, text

from txplatform.bi import checking
from txplatform.bi.documents import Document, plain
from txplatform.errors import ServerError, SourceError

FOLDER = Path(__file__).with_name("assets")
DATASETS = "datasets"
SHOWN_PASSWORD = "X" * 10
"""What Superset shows instead of a password."""

COLUMNS = text(
    "SELECT a.attname, coalesce(col_description(a.attrelid, a.attnum), ''), "
    "upper(format_type(a.atttypid, NULL)), coalesce(obj_description(a.attrelid, 'pg_class'), '') "
    "FROM pg_attribute a WHERE a.attrelid = to_regclass(:name) AND a.attnum > 0 "
    "AND NOT a.attisdropped"
)


class Column(NamedTuple):
    """A column of the database: what it means, and its type."""

    meaning: str
    type: str


class Relation(NamedTuple):
    """A table or view of the database: what it means, and its columns."""

    meaning: str
    columns: Mapping[str, Column]


def read(folder: Path = FOLDER) -> dict[str, Document]:
    """The documents as they are written, by uuid.

    Raises:
        SourceError: a file holds no document, or two have one uuid, or one names another that is
            not there.
    """
    found = _read(folder)
    documents = {uuid: document for uuid, (_, document) in found.items()}
    checking.require_whole(documents, {uuid: file for uuid, (file, _) in found.items()})
    return documents


def paths(folder: Path = FOLDER) -> dict[str, Path]:
    """Where each document is written, by uuid."""
    return {uuid: file for uuid, (file, _) in _read(folder).items()}


def files(folder: Path = FOLDER) -> list[Path]:
    """The files of the documents."""
    return sorted(folder.rglob("*.yaml"))


def _read(folder: Path) -> dict[str, tuple[Path, Document]]:
    found: dict[str, tuple[Path, Document]] = {}
    for file in files(folder):
        document = checking.read(file, folder)
        other, _ = found.setdefault(document["uuid"], (file, document))
        if other != file:
            raise SourceError(f"{file} and {other} have one uuid: give one of them another.")
    return found


def wanted(engine: Engine, documents: Mapping[str, Document]) -> dict[str, Document]:
    """The documents with what the database says of itself, as Superset should have them.

    Raises:
        ServerError: a dataset names a table or a column that is not there.
    """
    found = {}
    for uuid, document in documents.items():
        if document["kind"] == DATASETS:
            found[uuid] = plain(_described(engine, document))
        elif document["kind"] == "databases":
            url = engine.url.set(password=SHOWN_PASSWORD)
            address = url.render_as_string(hide_password=False)
            found[uuid] = plain({**document, "sqlalchemy_uri": address})
        else:
            found[uuid] = plain(document)
    return found


def undescribed(document: Mapping[str, Any], engine: Engine) -> Document:
    """A document of Superset as the YAML has it, without what the database says of itself."""
    bare = plain(document)
    kind = bare.pop("kind")
    bare.pop("sqlalchemy_uri", None)
    if kind == DATASETS:
        relation = relation_of(engine, bare)
        if bare.get("description") == relation.meaning:
            bare.pop("description")
        for column in bare.get("columns", []):
            said = _said(relation, column["column_name"])
            for key in [key for key in said if column.get(key) == said[key]]:
                column.pop(key)
    return bare


def relation_of(engine: Engine, dataset: Mapping[str, Any]) -> Relation:
    """The table of a dataset as the database has it; without columns if it is not there."""
    name = ".".join(f'"{one}"' for one in (dataset.get("schema"), dataset["table_name"]) if one)
    with engine.connect() as connection:
        rows = connection.execute(COLUMNS, {"name": name}).all()
    columns = {name: Column(meaning, kind) for name, meaning, kind, _ in rows}
    return Relation(rows[0][3] if rows else "", columns)


def taken(dataset: Mapping[str, Any]) -> set[str]:
    """The columns that a dataset takes from its table; others are computed by it."""
    return {one["column_name"] for one in dataset["columns"] if not one.get("expression")}


def _described(engine: Engine, dataset: Document) -> Document:
    relation = relation_of(engine, dataset)
    missing = sorted(taken(dataset) - relation.columns.keys())
    if missing:
        table = ".".join(filter(None, (dataset.get("schema"), dataset["table_name"])))
        raise ServerError(
            f"The dataset {table} names {', '.join(missing)}, which the database has not (any "
            "more): correct its YAML and the charts that use it."
        )
    columns = [
        {**_said(relation, column["column_name"]), **column} for column in dataset["columns"]
    ]
    return {"description": relation.meaning, **dataset, "columns": columns}


def _said(relation: Relation, column: str) -> Document:
    """What the database says of a column; nothing of one that the dataset computes."""
    known = relation.columns.get(column)
    return {"type": known.type, "description": known.meaning} if known else {}
