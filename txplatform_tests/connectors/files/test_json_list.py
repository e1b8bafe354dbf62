"""A JSON list: its objects one by one, whatever lines and chunks they are cut by."""

import io
import json
import random

import pytest

from txplatform.connectors.files import json_list
from txplatform.connectors.files.json_list import CHUNK, listed
from txplatform.connectors.files.rows import LONGEST_RECORD

SOCRATA = '[{"a":"1"}\n,{"a":"2","b":{"c":"}"}}\n,{"a":"\\"{"}]\n'
SPREAD = '\n[\n  {\n    "a": 1\n  },\n  {"a": 2}\n]\n'


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (SOCRATA, [(1, '{"a":"1"}'), (2, '{"a":"2","b":{"c":"}"}}'), (3, '{"a":"\\"{"}')]),
        (SPREAD, [(3, '{\n    "a": 1\n  }'), (6, '{"a": 2}')]),
        ('[{"a":1},5, [6],{"a":2}]', [(1, '{"a":1}'), (1, "5, [6]"), (1, '{"a":2}')]),
        ('[{"a":1}\n}\n]', [(1, '{"a":1}'), (2, "}")]),
    ],
)
def test_every_record_with_its_line(text: str, found: list[tuple[int, str]]) -> None:
    records = listed(io.StringIO(text))

    assert [next(records) for _ in found] == found


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('[{"a":1}', "the list ends with '{\"a\":1}', not with ]"),
        ('[{"a":1},{"a":', "the list ends with"),
        ('[{"a":1}] {"a":2}', "the list ends with '{\"a\":2}', not with ]"),
        (f'[{{"a":"{"x" * LONGEST_RECORD * 2}"}}]', "an object has over 1,048,576 characters"),
    ],
)
def test_a_list_that_is_cut_off_or_endless_is_none(text: str, reason: str) -> None:
    """Catches: the first half of a download taken for all of it."""
    with pytest.raises(ValueError, match="^" + reason.replace("[", r"\[").replace("{", r"\{")):
        list(listed(io.StringIO(text)))


@pytest.mark.parametrize("seed", range(20))
def test_chunks_end_anywhere(seed: int) -> None:
    """Catches: a text, an escape or an object that lies across the end of what was read."""
    chance = random.Random(seed)  # noqa: S311 - seeded
    signs = '{}[]",\\\n é'
    records = [
        {"k" * chance.randint(1, 9): "".join(chance.choices(signs, k=chance.randint(0, 400)))}
        for _ in range(chance.randint(500, 900))
    ]
    text = json.dumps(records, ensure_ascii=False, indent=chance.choice([None, 1]))

    assert len(text) > CHUNK
    assert [json.loads(record) for _, record in listed(io.StringIO(text))] == [*records]
    assert json_list.CHUNK == CHUNK
