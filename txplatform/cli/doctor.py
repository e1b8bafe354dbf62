"""`doctor`: what this machine and installation lack, and what to do about it."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from txplatform.cli.console import Json, out, print_json, table
from txplatform.errors import PlatformError

if TYPE_CHECKING:
    from txplatform.diagnosis import Finding
    from txplatform.settings import Setting


def doctor(
    has_settings: Annotated[
        bool, typer.Option("--settings", help="Show every setting, secrets masked.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Check Python, Java, disk, memory, ports, servers, versions, schema and secrets.

    Example: txplatform doctor
    """
    from txplatform.diagnosis import examine, settings_by_domain
    from txplatform.settings import load_settings

    settings = load_settings()
    if has_settings:
        _show_settings(settings_by_domain(settings), as_json)
    else:
        _report(list(examine(settings)), as_json)


def _show_settings(by_domain: "dict[str, list[Setting]]", as_json: bool) -> None:
    if as_json:
        print_json(
            [
                {"domain": name, **line._asdict()}
                for name, lines in by_domain.items()
                for line in lines
            ]
        )
        return
    for name, lines in by_domain.items():
        out().print(f"\n{name.replace('_', ' ')}" if name else "the machine")
        table(("setting", "value", "from", "what it does"), lines)


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
