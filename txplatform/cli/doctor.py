"""`doctor`: what this machine and installation lack, and what to do about it."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from txplatform.cli.console import Json, out, print_json, table
from txplatform.errors import PlatformError

if TYPE_CHECKING:
    from txplatform.diagnosis import Finding


def doctor(
    has_settings: Annotated[
        bool, typer.Option("--settings", help="Show every setting, secrets masked.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Check Python, Java, disk, memory, ports, servers, versions, schema and secrets.

    Example: txplatform doctor
    """
    from txplatform.settings import explain, load_settings

    settings = load_settings()
    if has_settings:
        lines = list(explain(settings))
        if as_json:
            print_json([line._asdict() for line in lines])
        else:
            table(("setting", "value", "from", "what it does"), lines)
        return
    from txplatform.diagnosis import examine

    _report(list(examine(settings)), as_json)


def _report(findings: "Iterable[Finding]", as_json: bool) -> None:
    findings = list(findings)
    if as_json:
        print_json([finding._asdict() for finding in findings])
    else:
        for finding in findings:
            mark = "ok  " if finding.is_ok else "FAIL"
            out().print(f"{mark}  {finding.subject}: {finding.found}")
            if not finding.is_ok:
                out().print(f"      {finding.remedy}")
    failed = [finding.subject for finding in findings if not finding.is_ok]
    if failed:
        raise PlatformError(f"{len(failed)} checks failed: {', '.join(failed)}.")
