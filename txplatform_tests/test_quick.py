"""Which tests are quick is seen from what their modules import, directly or through others."""

from pathlib import Path

import pytest

from txplatform_tests.quick import starts_processes


@pytest.mark.parametrize(
    ("code", "is_slow"),
    [
        ("import subprocess", True),
        ("from multiprocessing import get_context", True),
        ("def test_late() -> None:\n    from pyspark.sql import SparkSession", True),
        ("from txplatform import embedded", True),
        ("from txplatform.embedded.java import java_home", True),
        ("from txplatform_tests.embedded.commands import pids", True),
        ("import os, json\nfrom txplatform import periods", False),
        ("from txplatform_tests.domains.spend.text_tables import rows_of", False),
    ],
)
def test_a_module_that_can_start_processes_is_slow(
    tmp_path: Path, code: str, is_slow: bool
) -> None:
    path = tmp_path / "test_x.py"
    path.write_text(code, encoding="utf-8")

    assert starts_processes(path) == is_slow
