"""`rules list` and `rules evaluate`: the rules in force, and what they find of planted abuses."""

from pathlib import Path

import pytest
from pyarrow import csv

from txplatform.domains.spend.decisions import State
from txplatform.domains.spend.trial.evaluation import Evaluation, RuleQuality, svg
from txplatform.errors import UsageError
from txplatform.platform import Platform
from txplatform_tests.cli.commands import Command
from txplatform_tests.domains.spend.alert_rows import raise_alerts, settle
from txplatform_tests.domains.spend.trial.test_planting import purchases

LIMITED = {"SPLIT", "JUST_BELOW", "OVER_LIMIT"}


def _file(folder: Path, weeks: int, per_week: int = 40) -> Path:
    """Ordinary purchases as a file that the layout `generic` reads."""
    columns = ["transaction_date", "department", "division", "merchant", "category", "amount"]
    table = purchases(weeks, per_week).select(columns)
    csv.write_csv(table.rename_columns(["date", *columns[1:]]), folder / "purchases.csv")
    return folder / "purchases.csv"


def test_a_rule_without_a_limit_says_that_it_is_off(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    off = {one["rule"]: one["state"] for one in command("spend", "rules", "list", "--json").json}
    monkeypatch.setenv("TXPLATFORM_SPEND_LIMIT", "500")
    on = {one["rule"]: one["state"] for one in command("spend", "rules", "list", "--json").json}

    assert {rule for rule, state in off.items() if state == "off: no limit set"} == LIMITED
    assert set(on.values()) == {"on"}
    assert len(on) == 12
    header, *lines = command("spend", "rules", "list").lines
    assert header.split() == ["rule", "version", "severity", "state", "explanation"]
    assert lines[0].startswith("SPLIT")


def test_rank_says_what_each_rule_weighs_and_how_many_alerts_moved(
    command: Command, installation: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    raise_alerts(installation.engine, "alert_id | rule\na | SPLIT\nb | SPLIT")
    settle(installation.engine, "a", State.DISMISSED)

    [split] = command("spend", "rules", "rank", "--json").json
    again = command("spend", "rules", "rank").lines
    monkeypatch.setenv("TXPLATFORM_SPEND_LEARNING", "false")
    [frozen] = command("spend", "rules", "rank", "--json").json

    assert (split["rule"], split["decided"], split["abusive"]) == ("SPLIT", 1, 0)
    assert (split["prior"], split["weight"], frozen["weight"]) == ("0.6", "0.5714", "0.6")
    assert again[-1] == "0 alerts moved."


@pytest.mark.usefixtures("spark")
def test_evaluate_measures_every_rule_on_a_file_of_ones_own(
    command: Command, tmp_path: Path
) -> None:
    arguments = ("--file", _file(tmp_path, 75, 120), "--layout", "generic", "--times", "10")
    chart = tmp_path / "chart.svg"

    found = command("spend", "rules", "evaluate", *arguments, "--json", "--chart", chart).json

    assert len(found["rules"]) == 12
    assert {code for code, one in found["rules"].items() if one["recall"] < 0.95} == set()
    assert set(found["rules"]["SPLIT"]) == {"recall", "precision", "alerts_per_1000"}
    assert 0 <= found["found_in_first_2_pct"] <= 1
    assert 0 < found["learning"]["met"] <= 120
    assert chart.read_text(encoding="utf-8").startswith("<svg")


def test_a_file_of_less_than_a_year_is_wrong_usage(command: Command, tmp_path: Path) -> None:
    done = command(
        "spend", "rules", "evaluate", "--file", _file(tmp_path, 20), "--layout", "generic"
    )

    assert isinstance(done.error, UsageError)
    assert "span 20 weeks" in str(done.error)


def test_the_chart_has_a_bar_per_rule_and_share() -> None:
    qualities = {"SPLIT": RuleQuality(20, 1, 1, 0.5, 3), "R&D": RuleQuality(20, 0.5, 0, 0.5, 3)}
    drawn = svg(Evaluation(100, qualities, {1: 0.25, 2: 0.8}, {}, {}))

    assert drawn.count("<rect") == 4
    assert "R&amp;D" in drawn
    assert 'width="180.0"' in drawn
    assert "25%" in drawn
