"""YAML that somebody broke by hand: one sentence with the file, before anything is sent."""

from pathlib import Path

import pytest

from txplatform.bi import assets
from txplatform.bi.checking import MODELS
from txplatform.errors import SourceError

CHART = "charts/spend/total.yaml"
DATASET = "datasets/spend/alert_counts.yaml"
DASHBOARD = "dashboards/spend.yaml"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The YAML of the code in a folder of the test's own."""
    for file in assets.files():
        copy = tmp_path / "assets" / file.relative_to(assets.FOLDER)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(file.read_bytes())
    return tmp_path / "assets"


def line_of(file: str, key: str) -> str:
    """The line of a file that begins with a key."""
    lines = (assets.FOLDER / file).read_text(encoding="utf-8").splitlines()
    return next(line for line in lines if line.strip().startswith(key))


@pytest.mark.parametrize(
    ("file", "content", "sentence"),
    [
        (CHART, b"", "cannot be used (the document: "),
        (CHART, b"- a list", "cannot be used (the document: "),
        (CHART, b"a: [1", "is no YAML (line 2: did not find expected"),
        (CHART, b"a: b: c", "is no YAML (line 1: mapping values are not allowed"),
        (CHART, b"a: \xff\xfe", "is no YAML ("),
        (CHART, b"a: !!python/object:os.system x", "is no YAML (line 1: could not determine"),
        ("charts/spend/new.yaml", b"uuid: nonsense", "cannot be used (uuid: badly formed"),
        ("charts/spend/new.yaml", b"slice_name: New", "cannot be used (uuid: Field required"),
        ("nowhere/new.yaml", b"a: b", "lies in none of the folders databases, datasets, charts"),
        ("new.yaml", b"a: b", "lies in none of the folders databases, datasets, charts"),
    ],
)
def test_what_is_no_document_is_one_sentence(
    folder: Path, file: str, content: bytes, sentence: str
) -> None:
    (folder / file).parent.mkdir(exist_ok=True)
    (folder / file).write_bytes(content)

    with pytest.raises(SourceError) as raised:
        assets.read(folder)

    assert str(raised.value).startswith(f"{folder / file} {sentence}")
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("file", "key", "instead", "sentence"),
    [
        (CHART, "viz_type:", "viz_type: nosuch", "viz_type: is no chart of Superset"),
        (CHART, "slice_name:", "slice_name: 3", "slice_name: Input should be a valid string"),
        (CHART, "queries:", "  questions:", "queries: Field required"),
        (CHART, "dataset_uuid:", "dataset_uuid: 1F7AF2CC-0000-4000-8000-000000000000",
         "dataset_uuid: should be written 1f7af2cc-"),
        (CHART, "dataset_uuid:", "dataset_uuid: 1f7af2cc-0000-4000-8000-000000000000",
         "names the dataset 1f7af2cc-0000-4000-8000-000000000000, which no file has"),
        (DATASET, "columns:", "other:", "columns: Field required"),
        (DATASET, "- column_name:", "- name: a", "columns.0.column_name: Field required"),
        (DATASET, "metrics:", "metrics:\n- nothing", "metrics.0: Input should be a valid"),
        (DASHBOARD, "position:", "position: []\nother:", "position: Input should be a valid"),
        (DASHBOARD, "type: CHART", "    type: CHAT", "Input tag 'CHAT' found"),
        (DASHBOARD, "native_filter_configuration:", "  native_filter_configuration: 3\n  other:",
         "metadata.native_filter_configuration: Input should be a valid list"),
    ],
)  # fmt: skip
def test_a_document_that_superset_could_not_use_is_one_sentence(
    folder: Path, file: str, key: str, instead: str, sentence: str
) -> None:
    text = (folder / file).read_text(encoding="utf-8")
    (folder / file).write_text(text.replace(line_of(file, key), instead, 1), encoding="utf-8")

    with pytest.raises(SourceError) as raised:
        assets.read(folder)

    assert str(folder / file) in str(raised.value)
    assert sentence in str(raised.value)
    assert "\n" not in str(raised.value)


def test_two_files_of_one_uuid_are_one_sentence(folder: Path) -> None:
    (folder / "charts" / "twice.yaml").write_bytes((folder / CHART).read_bytes())

    with pytest.raises(SourceError, match=r"twice\.yaml and .*total\.yaml have one uuid"):
        assets.read(folder)


def test_every_kind_of_document_has_its_model() -> None:
    assert {one["kind"] for one in assets.read().values()} == set(MODELS)
