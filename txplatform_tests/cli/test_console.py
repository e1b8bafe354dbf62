"""How commands speak: plain text in a pipe, exact JSON, and names left as they are."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from txplatform.cli import console

Captured = pytest.CaptureFixture[str]
LONG = "a very long name " * 60


def _lines(captured: Captured) -> list[str]:
    return [line.rstrip() for line in captured.readouterr().out.splitlines()]


def test_a_table_has_numbers_to_the_right_and_text_to_the_left(capsys: Captured) -> None:
    rows = [("Roads", Decimal("-5.00"), 1), ("Parks and Recreation", Decimal("1620.00"), 12)]

    console.table(("department", "amount", "rows"), rows)

    assert _lines(capsys) == [
        "department             amount  rows",
        "Roads                   -5.00     1",
        "Parks and Recreation  1620.00    12",
    ]


def test_a_cell_without_a_value_is_blank(capsys: Captured) -> None:
    console.table(("week", "computed"), [(date(2026, 11, 16), None), (date(2026, 11, 23), "never")])

    assert _lines(capsys) == ["week        computed", "2026-11-16", "2026-11-23  never"]


def test_a_table_without_rows_is_its_header(capsys: Captured) -> None:
    console.table(("rule", "rows"), [])

    assert _lines(capsys) == ["rule  rows"]


@pytest.mark.parametrize("name", ["[bold]Roads[/bold]", "Roads [/x]", ":warning: Roads", "[1] {2}"])
def test_names_are_printed_as_they_are(capsys: Captured, name: str) -> None:
    console.table(("name",), [(name,)])
    console.out().print(name)
    console.err().print(name)

    printed = capsys.readouterr()
    assert [line.rstrip() for line in printed.out.splitlines()] == ["name", name, name]
    assert printed.err == f"{name}\n"


def test_no_cell_commands_the_terminal(capsys: Captured) -> None:
    console.table(("text",), [("\x1b]0;title\x07\x9b2J \u202eRo\u200bads\ttwo\nlines café",)])

    assert _lines(capsys) == [
        "text",
        r"\x1b]0;title\x07\x9b2J \u202eRo\u200bads\ttwo",
        "lines café",
    ]


HOSTILE = "\x1b]0;title\x07\x7f\x9b2J \u202ecafé\u200b\U000e0041\u2028 東京"
WRITTEN_OUT = r"\x1b]0;title\x07\x7f\x9b2J \u202ecafé\u200b\U000e0041\u2028 東京"


def test_no_sentence_commands_the_terminal(capsys: Captured) -> None:
    console.out().print(f"{HOSTILE}: 3 rows read")
    console.err().print(f"{HOSTILE}: 3 rows read", soft_wrap=True)

    printed = capsys.readouterr()
    assert printed.out == printed.err == f"{WRITTEN_OUT}: 3 rows read\n"


def test_no_json_commands_the_terminal_and_all_of_it_comes_back(capsys: Captured) -> None:
    """Catches: JSON escapes by itself what ASCII knows, and neither U+009B nor directions."""
    value = {HOSTILE: [HOSTILE, "line\nline", "\ud800"]}

    console.print_json(value)

    text = capsys.readouterr().out
    assert json.loads(text) == value
    assert all(sign.isprintable() or sign == "\n" for sign in text)
    assert "café" in text


def test_a_pipe_gets_whole_lines_without_colours(capsys: Captured) -> None:
    console.table(("first", "second"), [(LONG, "end")])
    console.out().print(LONG + "end")

    assert [line.split()[-1] for line in _lines(capsys)] == ["second", "end", "end"]


def test_a_pipe_gets_no_progress(capsys: Captured) -> None:
    with console.progress() as bar:
        task = bar.add_task("Computing [/weeks]", total=2)
        bar.advance(task, 2)

    assert capsys.readouterr() == ("", "")


def test_json_keeps_every_digit_and_every_script(capsys: Captured) -> None:
    value = {
        "amount": Decimal("9999999999999999.10"),
        "week": date(2026, 11, 16),
        "at": datetime(2026, 11, 16, 8, tzinfo=UTC),
        "merchant": "Café 東京",
        "none": None,
    }

    console.print_json(value)

    text = capsys.readouterr().out
    assert "Café 東京" in text
    assert json.loads(text) == {
        "amount": "9999999999999999.10",
        "week": "2026-11-16",
        "at": "2026-11-16 08:00:00+00:00",
        "merchant": "Café 東京",
        "none": None,
    }
