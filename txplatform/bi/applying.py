"""The code's dashboards into Superset, without overwriting what somebody edited there.

What was applied last is remembered: a document that is no longer like that was edited in Superset.
It stays as it is, and is named, until `--force` takes the code's or `pull` writes Superset's down.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Engine

from txplatform.bi import assets
from txplatform.bi.client import Client
from txplatform.bi.documents import Document, differences, full, plain, written
from txplatform.connectors.private_files import write_private
from txplatform.errors import UsageError

TITLES = ("dashboard_title", "slice_name", "table_name", "database_name")
REFERENCES = ("dataset_uuid", "datasetUuid", "database_uuid", "uuid")
FILLED_IN = ("sqlalchemy_uri",)
"""What the platform alone knows: where its database is by now is nobody's edit."""


class Edit(NamedTuple):
    """A document that somebody changed in Superset since it was applied."""

    kind: str
    title: str
    differs_in: tuple[str, ...]


class Applied(NamedTuple):
    """What `apply` did: titles that it made or changed, and edits that it left alone."""

    changed: tuple[str, ...]
    edited: tuple[Edit, ...]


def apply(engine: Engine, client: Client, memory: Path, is_forced: bool = False) -> Applied:
    """Make Superset have what the YAML says.

    Args:
        engine: the published tables, as the login that BI reads with.
        client: the administrator.
        memory: file of what was applied last; without it connections get their passwords again.
        is_forced: whether edits made in Superset are overwritten.

    Raises:
        ServerError: a dataset names a column that is not there, or Superset refuses something.
    """
    documents = assets.wanted(engine, assets.read())
    found, remembered = _found(client, documents), _remembered(memory)
    different = {
        uuid: document
        for uuid, document in documents.items()
        if uuid not in found or differences(document, found[uuid])
    }
    edited = {
        uuid: _edit(document, found[uuid])
        for uuid, document in different.items()
        if not is_forced and uuid in found and remembered.get(uuid) != digest(found[uuid])
    }
    edited = {uuid: one for uuid, one in edited.items() if one.differs_in != FILLED_IN}
    changed = [document for uuid, document in different.items() if uuid not in edited]
    if not memory.exists():
        kept = documents.keys() - different.keys()
        changed += [documents[one] for one in kept if documents[one]["kind"] == "databases"]
    if changed:
        password = engine.url.password or ""
        passwords = {one["uuid"]: password for one in changed if one["kind"] == "databases"}
        client.load([full(document) for document in changed], passwords)
        found = _found(client, documents)
    applied = {uuid: digest(found[uuid]) for uuid in documents.keys() - edited.keys()}
    still = {uuid: remembered[uuid] for uuid in edited if uuid in remembered}
    write_private(memory, json.dumps({**still, **applied}))
    return Applied(tuple(sorted(map(title, changed))), tuple(edited.values()))


def pull(engine: Engine, client: Client, memory: Path, folder: Path) -> list[Path]:
    """Write what Superset has into the YAML: the dashboards of the code, and what they use.

    Edits that go into another folder than the code's are still edits to `apply`.

    Returns:
        The files that changed.

    Raises:
        UsageError: the folder holds no YAML.
    """
    known = assets.paths(folder)
    if not known:
        raise UsageError(f"{folder} holds no YAML of dashboards: name the folder that does.")
    exported = {uuid: plain(document) for uuid, document in client.export().items()}
    wanted = _used(exported, [uuid for uuid in known if uuid in exported])
    changed = []
    for uuid in sorted(wanted):
        document = exported[uuid]
        file = known.get(uuid) or _new_file(folder, document)
        text = written(assets.undescribed(document, engine))
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
            changed.append(file)
    if folder.resolve() == assets.FOLDER.resolve():
        write_private(memory, json.dumps({uuid: digest(exported[uuid]) for uuid in wanted}))
    return changed


def _new_file(folder: Path, document: Document) -> Path:
    """Where a document goes that no file has; never where another one is."""
    name, number = slug(title(document)), str(document["uuid"])[:8]
    place: Path = folder / document["kind"]
    file = place / f"{name}.yaml"
    return place / f"{name or 'untitled'}_{number}.yaml" if not name or file.exists() else file


def digest(document: Mapping[str, Any]) -> str:
    """A short mark of a plain document's content."""
    text = json.dumps(document, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def title(document: Mapping[str, Any]) -> str:
    """What people call a document."""
    return next((str(document[key]) for key in TITLES if key in document), document["uuid"])


def slug(text: str) -> str:
    """A title as the name of a file."""
    words = "".join(sign if sign.isascii() and sign.isalnum() else " " for sign in text.lower())
    return "_".join(words.split())


def _found(client: Client, documents: Iterable[str]) -> dict[str, Document]:
    """What Superset has of these documents, plain."""
    exported = client.export()
    return {uuid: plain(exported[uuid]) for uuid in documents if uuid in exported}


def _remembered(memory: Path) -> dict[str, str]:
    try:
        known: dict[str, str] = json.loads(memory.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return known


def _edit(document: Document, found: Document) -> Edit:
    return Edit(document["kind"], title(document), tuple(differences(document, found)))


def _used(exported: Mapping[str, Document], known: list[str]) -> set[str]:
    """The known documents and all that they refer to, near or far."""
    wanted: set[str] = set()
    waiting = set(known)
    while waiting:
        uuid = waiting.pop()
        wanted.add(uuid)
        waiting |= {one for one in _references(exported[uuid]) if one in exported} - wanted
    return wanted


def _references(value: Any) -> set[str]:
    """Every uuid that a document names."""
    if isinstance(value, dict):
        named = {str(value[key]) for key in REFERENCES if key in value}
        return named.union(*map(_references, value.values()))
    return set().union(*map(_references, value)) if isinstance(value, list) else set()
