"""Declarations in TOML: what is valid, and the sentence about what is not."""

from pathlib import Path
from typing import Literal

import pytest
from pydantic import Field

from txplatform.errors import UsageError
from txplatform.ingestion.declared import Declared, parsed, read, validated


class Columns(Declared):
    amount: str
    merchant: str | None = None


class Layout(Declared):
    name: str = Field(pattern="^[a-z]+$")
    sign: Literal[".", ","] = "."
    columns: Columns
    others: Columns | None = None


GOOD = 'name = "small"\ncolumns = { amount = "AMT" }'


def layout(text: str) -> Layout:
    """The layout that a text declares."""
    return validated(Layout, parsed(text, "Layout x.toml"), "Layout x.toml", "docs/layouts.md")


def test_what_is_declared_is_there() -> None:
    assert layout(GOOD) == Layout(name="small", columns=Columns(amount="AMT"))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("name =", "Layout x.toml is not valid TOML"),
        (f'sgn = ","\n{GOOD}', "Layout x.toml: the key 'sgn' is not known; did you mean 'sign'?"),
        (
            'name = "small"\ncolumns = { amount = "A", merchnt = "M" }',
            "the key 'columns.merchnt' is not known; did you mean 'merchant'?",
        ),
        (
            'name = "small"\ncolumns = { amount = "A" }\nothers = { amuont = "B" }',
            "the key 'others.amuont' is not known; did you mean 'amount'?",
        ),
        (f"zzzzzz = 1\n{GOOD}", "the key 'zzzzzz' is not known; docs/layouts.md lists the keys"),
        ('name = "small"', "the key 'columns' is missing; docs/layouts.md shows one"),
        (GOOD.replace("small", "SMALL"), "the key 'name' cannot be used: String should match"),
        (GOOD.replace('"AMT"', "5"), "the key 'columns.amount' cannot be used: Input should be"),
    ],
)
def test_a_mistake_is_a_sentence_with_its_key(text: str, sentence: str) -> None:
    with pytest.raises(UsageError) as caught:
        layout(text)

    assert sentence in str(caught.value)
    assert str(caught.value).endswith(".")


def test_a_file_that_cannot_be_read_is_a_sentence(tmp_path: Path) -> None:
    latin, lost = tmp_path / "latin.toml", tmp_path / "lost.toml"
    latin.write_bytes(b"# caf\xe9")
    for file in (latin, lost, tmp_path):
        with pytest.raises(UsageError, match=f"^The file of layouts {file} cannot be read: "):
            read(file, "The file of layouts")
