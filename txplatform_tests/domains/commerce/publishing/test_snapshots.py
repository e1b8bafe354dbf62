"""Layers of the lake: whole sets of tables, one writer at a time, history and vacuum."""

import os
import time
from pathlib import Path

import pyarrow as pa
import pytest

from txplatform.connectors.object_store import ObjectStore
from txplatform.domains.commerce.publishing.snapshots import NOTHING, Layer, Manifest
from txplatform.errors import PlatformError, ServerError

FACTS = {"as_of": "2024-01-01"}


@pytest.fixture
def layer(tmp_path: Path) -> Layer:
    """An empty layer."""
    return Layer(ObjectStore(str(tmp_path / "lake")), "gold", tmp_path / "cache")


def rows(*values: int) -> pa.Table:
    """A table of numbers."""
    return pa.table({"value": pa.array(values, pa.int64())})


def publish(layer: Layer, run_id: str = "run", **tables: pa.Table) -> Manifest:
    """Make tables current."""
    before = layer.current()
    files = {name: [layer.put(name, table)] for name, table in tables.items()}
    return layer.commit(before, files, run_id, FACTS)


def values(layer: Layer, table: str) -> list[int]:
    """What a reader sees."""
    found = layer.read(layer.current(), table)
    return found["value"].to_pylist() if found is not None else []


def test_an_empty_layer_holds_nothing(layer: Layer) -> None:
    assert layer.current() == NOTHING
    assert layer.read(layer.current(), "sales") is None
    assert layer.history() == []


def test_tables_become_current_together(layer: Layer) -> None:
    made = publish(layer, sales=rows(1, 2), clients=rows(3))

    assert made.number == 1
    assert values(layer, "sales") == [1, 2]
    assert values(layer, "clients") == [3]
    assert (made.rows("sales"), made.rows("clients"), made.rows("other")) == (2, 1, 0)


def test_a_file_that_was_changed_is_noticed(layer: Layer) -> None:
    made = publish(layer, sales=rows(1, 2), clients=rows(3))
    assert layer.damaged(made) == []
    (file,) = made.files("clients")

    layer.store.put(file.name, layer.store.get(file.name) + b" ")

    assert layer.damaged(made) == [file.name]


def test_files_without_a_manifest_are_not_there(layer: Layer) -> None:
    publish(layer, sales=rows(1))

    layer.put("sales", rows(9))  # a writer that is killed before it commits

    assert values(layer, "sales") == [1]


def test_the_highest_number_is_current(layer: Layer) -> None:
    for number in range(1, 13):
        publish(layer, sales=rows(number))

    assert layer.current().number == 12
    assert values(layer, "sales") == [12]


def test_what_a_commit_does_not_name_stays(layer: Layer) -> None:
    publish(layer, sales=rows(1), clients=rows(2))
    publish(layer, sales=rows(3))

    assert values(layer, "sales") == [3]
    assert values(layer, "clients") == [2]


def test_the_second_of_two_writers_is_refused(layer: Layer) -> None:
    before = layer.current()
    first = {"sales": [layer.put("sales", rows(1))]}
    second = {"sales": [layer.put("sales", rows(2))]}
    layer.commit(before, first, "first", FACTS)

    with pytest.raises(ServerError, match="Another run has written the gold layer meanwhile"):
        layer.commit(before, second, "second", FACTS)

    assert values(layer, "sales") == [1]
    assert layer.current().run_id == "first"
    assert len(layer.store.names("gold/sales")) == 1


def test_a_reader_keeps_the_version_that_it_opened(layer: Layer) -> None:
    publish(layer, sales=rows(1))
    opened = layer.current()
    publish(layer, sales=rows(2))

    found = layer.read(opened, "sales")

    assert found is not None
    assert found["value"].to_pylist() == [1]


def test_history_is_the_list_of_manifests(layer: Layer) -> None:
    publish(layer, "a", sales=rows(1))
    publish(layer, "b", sales=rows(2))

    assert [(made.number, made.run_id) for made in layer.history()] == [(1, "a"), (2, "b")]
    assert layer.manifest(1).facts == FACTS


def test_vacuum_keeps_what_the_last_manifests_name(layer: Layer, tmp_path: Path) -> None:
    publish(layer, sales=rows(1), clients=rows(7))
    publish(layer, sales=rows(2))
    publish(layer, sales=rows(3))
    two_days_ago = time.time() - 2 * 86_400
    os.utime(tmp_path / "lake" / layer.put("sales", rows(9)).name, (two_days_ago, two_days_ago))

    assert layer.vacuum(keep=2) == 2

    assert [made.number for made in layer.history()] == [2, 3]
    assert values(layer, "clients") == [7]
    assert len(layer.store.names("gold/sales")) == 2


def test_vacuum_leaves_the_files_of_a_writer_who_has_not_committed_yet(layer: Layer) -> None:
    publish(layer, sales=rows(1))
    before = layer.current()
    file = layer.put("sales", rows(2))

    layer.vacuum(keep=1)
    layer.commit(before, {"sales": [file]}, "late", FACTS)

    assert values(layer, "sales") == [2]


def test_a_version_that_is_gone_is_a_sentence(layer: Layer) -> None:
    old = publish(layer, sales=rows(1))
    publish(layer, sales=rows(2))
    layer.vacuum(keep=1)

    with pytest.raises(PlatformError, match="This version of sales is not in the gold layer"):
        layer.read(old, "sales")


@pytest.mark.parametrize("harm", ["cut short", "deleted"])
@pytest.mark.parametrize("reader", ["of rows", "of files"])
def test_a_file_that_somebody_harmed_is_a_sentence(layer: Layer, harm: str, reader: str) -> None:
    """Catches: a stack trace, and advice to free memory or to ask again, which never helps."""
    made = publish(layer, sales=rows(1))
    (file,) = made.files("sales")
    content = layer.store.get(file.name)
    layer.store.delete([file.name])
    if harm == "cut short":
        layer.store.put(file.name, content[:100])

    sentence = f"{file.name} in the lake is missing or damaged: .*`txplatform commerce run`"
    with pytest.raises(PlatformError, match=sentence):
        layer.read(made, "sales") if reader == "of rows" else layer.paths(made.files("sales"))
    assert layer.damaged(made) == [file.name]


def test_a_manifest_that_is_gone_is_a_sentence(layer: Layer) -> None:
    with pytest.raises(PlatformError, match="has no manifest 7"):
        layer.manifest(7)


def test_engines_get_paths_of_files(layer: Layer) -> None:
    made = publish(layer, sales=rows(1))

    (path,) = layer.paths(made.files("sales"))

    assert path.is_file()
