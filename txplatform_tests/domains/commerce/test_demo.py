"""The demo of commerce: a made-up shop from its files to tables that say what was drawn."""

import json
from pathlib import Path
from typing import Any

import pytest

from txplatform.cli.demo import Stages
from txplatform.cli.session import session
from txplatform.domains.commerce import demo
from txplatform.domains.commerce.queries.lists import Wanted, listing
from txplatform.platform import Platform


def test_the_demo_says_what_was_drawn(
    installation: Platform, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    stages = Stages()

    with session() as opened:
        report = demo.demo(opened, tmp_path, stages)
        shown = listing(opened.platform.database, "sales_month", Wanted(100, 0))

    truth = json.loads((tmp_path / "commerce" / "truth.json").read_text())
    assert report.failure is None
    assert "dagster" not in "".join(capfd.readouterr()), "its history is in Dagster's UI"
    assert {name: report.figures[name] for name in demo.COMPARED} == {
        name: truth[name] for name in demo.COMPARED
    }
    assert report.lines["against the truth"] == "every figure as drawn"
    assert len(report.lines) + len(report.commands) < 20
    assert shown.sums["net_amount"] * 100 == truth["net"]
    assert list(stages.seconds) == ["files", "ingestion", "tables"]
    assert installation.settings.state.exists()


def test_figures_that_differ_are_a_failure() -> None:
    found: dict[str, Any] = dict.fromkeys(demo.COMPARED, 1) | {"refused": {}, "models": {}}
    truth = {**found, "rows": 1}

    assert demo.lines(found, truth)["against the truth"] == "every figure as drawn"
    assert demo.lines(found, {**truth, "net": 2})["against the truth"] == "figures differ"
