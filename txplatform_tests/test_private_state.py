"""The state folder is its owner's alone, whatever the umask, and whoever makes it first."""

import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from txplatform.connectors.lake import Lake
from txplatform.embedded.processes import secret
from txplatform.orchestration.instance import home
from txplatform.serving.dashboard.server import _log_path
from txplatform.settings import Settings, load_settings

ROW = pa.table({"amount": [1]})
MAKERS: dict[str, Callable[[Settings], object]] = {
    "secret": lambda settings: secret(settings.state / "secrets" / "card"),
    "dagster": home,
    "dashboard": _log_path,
    "lake": lambda settings: Lake(settings.lake).write("weekly", "2026-11-16", ROW),
}


@pytest.fixture(params=[0o022, 0o000], ids=["022", "000"])
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    """What the shell takes away from new files."""
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


@pytest.mark.usefixtures("umask")
@pytest.mark.parametrize("maker", MAKERS)
def test_nobody_else_enters_the_state_folder(tmp_path: Path, maker: str) -> None:
    settings = load_settings(state_dir=tmp_path / "a" / "state")

    MAKERS[maker](settings)

    assert stat.S_IMODE(settings.state.stat().st_mode) == 0o700
    inside = [path for path in settings.state.rglob("*") if path.is_dir()]
    assert {stat.S_IMODE(path.stat().st_mode) for path in inside} == {0o700}


@pytest.mark.usefixtures("umask")
def test_a_secret_is_its_owners(tmp_path: Path) -> None:
    secret(tmp_path / "secrets" / "card")

    assert stat.S_IMODE((tmp_path / "secrets" / "card").stat().st_mode) == 0o600
