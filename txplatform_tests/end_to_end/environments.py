"""The environment of the programs that these tests start: the installed ones, and no settings."""

import sys
from pathlib import Path

from txplatform.settings import child_environment

SETTINGS = ("TXPLATFORM_", "SPARK_", "DAGSTER_")


def clean(**variables: str) -> dict[str, str]:
    """This process's environment without settings, its programs first on the path."""
    inherited = child_environment()
    kept = {name: text for name, text in inherited.items() if not name.startswith(SETTINGS)}
    programs = Path(sys.executable).parent
    return {**kept, "PATH": f"{programs}:{inherited['PATH']}", "NO_COLOR": "1", **variables}
