"""Business checks of every domain: what is unusual, in words. They warn and never block."""

from collections.abc import Sequence
from typing import Any

import dagster as dg

from txplatform.orchestration.metadata import cell

SHOWN = 10


def warning(findings: Sequence[str], sentence: str, **metadata: Any) -> dg.AssetCheckResult:
    """What a check says of its findings: the first of them, and how many there are.

    Args:
        findings: in words; none where nothing is unusual.
        sentence: what they have in common.
        metadata: what else is shown.
    """
    shown = "\n".join(f"- {cell(finding)}" for finding in findings[:SHOWN])
    return dg.AssetCheckResult(
        passed=not findings,
        severity=dg.AssetCheckSeverity.WARN,
        description=sentence if findings else "Nothing unusual.",
        metadata={
            **metadata,
            "findings": len(findings),
            "first_findings": dg.MetadataValue.md(shown or "none"),
        },
    )
