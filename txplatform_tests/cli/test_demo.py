"""`demo`: which domains it shows, and how their reports look together."""

from pathlib import Path

import pytest

from txplatform.cli import demo
from txplatform.cli.demo import Report
from txplatform.errors import UsageError
from txplatform_tests.cli.commands import Command

REPORTS = {
    "spend": Report({}, {"rows": "3"}, ("spend status",)),
    "air_quality": Report({}, {"hours": "24"}, variables={"STATION": "1"}),
}


def test_each_report_has_its_title_and_commands_carry_the_demos_settings(
    capsys: pytest.CaptureFixture[str],
) -> None:
    demo.show(REPORTS, Path("/a folder"))

    lines = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    given = "TXPLATFORM_STATE_DIR='/a folder'"
    assert [line for line in lines if line and "txplatform " not in line] == [
        "spend",
        f"{'rows':<24}3",
        "air-quality",
        f"{'hours':<24}24",
        "Where to look next:",
    ]
    commands = [line.partition(" txplatform ") for line in lines if "txplatform " in line]
    assert [command for _, _, command in commands] == [
        "spend status",
        "status",
        "dashboard",
        "up --ui",
    ]
    assert all(where.strip().startswith(given) for where, _, _ in commands)
    assert all(where.endswith("STATION=1") for where, _, _ in commands)


def test_one_demo_is_shown_when_nobody_asks_for_another() -> None:
    assert len(demo.default()) == 1


def test_a_domain_that_is_none_is_wrong_usage(command: Command) -> None:
    done = command("demo", "--domain", "nothing", "--no-serve")

    assert isinstance(done.error, UsageError)
    assert str(done.error).startswith("There is no domain 'nothing' here: say one of ")
