"""docker-compose.yml as data, with the variables that it takes from the environment filled in."""

import re
from collections.abc import Mapping
from typing import Any

import yaml

from txplatform_tests.architecture.source_tree import ROOT

FILE = ROOT / "docker-compose.yml"
VARIABLE = re.compile(r"\$\{(\w+)([^}]*)\}")


def load(variables: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The parsed file; with `variables`, `${NAME...}` is replaced by their values."""
    text = FILE.read_text(encoding="utf-8")
    if variables is not None:
        text = VARIABLE.sub(lambda found: variables[found[1]], text)
    parsed: dict[str, Any] = yaml.safe_load(text)
    return parsed


def replaced(text: str, replacements: Mapping[str, str]) -> str:
    """The text with every key of `replacements` that it holds replaced by its value."""
    for old, new in replacements.items():
        text = text.replace(old, new)
    return text


def command_of(name: str, replacements: Mapping[str, str]) -> list[str]:
    """The command of a service."""
    return [replaced(word, replacements) for word in load()["services"][name]["command"]]


def health_check_of(name: str, replacements: Mapping[str, str]) -> list[str]:
    """The command that tells whether a service is healthy."""
    words = load()["services"][name]["healthcheck"]["test"]
    return [replaced(word, replacements) for word in words[1:]]
