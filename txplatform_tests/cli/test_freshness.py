"""`status` and `run --stale`: every domain on one screen, and nothing to do where nothing came."""

import pytest

from txplatform import domains
from txplatform.domains.spend import publishing
from txplatform.platform import Platform
from txplatform_tests.cli.commands import Command
from txplatform_tests.domains.spend.weekly_tables import computed_weeks

WEEKS = """
    week_start | department | division | total_amount | division_share_of_week
    2026-11-16 | Roads      | Bridges  | 80.00        | 1.000000
    """


def test_status_has_a_line_for_each_domain(command: Command, installation: Platform) -> None:
    publishing.publish(installation.engine, computed_weeks(WEEKS), "run-1")

    known = [domains.slug(name) for name in domains.by_name("freshness")]
    header, *lines = command("status").lines
    said = {line.split()[0]: line.split()[1:] for line in lines[: len(known)]}

    assert header.split() == ["domain", "fresh", "stale", "missing", "newest", "refreshed"]
    assert list(said) == known
    assert said["spend"][:4] == ["0", "1", "0", "2026-11-16"], "no purchases are there any more"
    assert lines[-1] == "Bring them up to date with `txplatform run --stale`."
    [spend] = command("status", "--domain", "spend", "--json").json
    assert (spend["domain"], spend["stale"], spend["newest"]) == ("spend", 1, "2026-11-16")


@pytest.mark.usefixtures("installation")
def test_an_empty_domain_says_how_to_fill_it(command: Command) -> None:
    said = command("status", "--domain", "spend").lines

    assert said[-1] == "Nothing of spend has arrived; `txplatform demo --domain spend` shows it."


@pytest.mark.usefixtures("installation")
def test_what_never_arrived_is_not_computed(command: Command) -> None:
    assert command("run", "--stale").lines == ["Nothing to compute."]
    assert command("run", "--stale", "--domain", "spend", "--json").json == []
