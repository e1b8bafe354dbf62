"""`dashboard`: it serves this machine; beyond it takes tokens."""

import pytest

from txplatform.errors import UsageError
from txplatform_tests.cli.commands import Command


@pytest.mark.usefixtures("installation")
def test_without_tokens_no_other_machine_is_served(command: Command) -> None:
    done = command("dashboard", "--host", "192.0.2.7")

    assert isinstance(done.error, UsageError)
    assert "txplatform token create" in str(done.error)
