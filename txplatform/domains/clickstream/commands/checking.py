"""`check`: every table once more in plain Python, and row by row the same."""

import json
from contextlib import closing
from typing import TYPE_CHECKING, Any

from txplatform.cli.console import Json, err, out, print_json, table
from txplatform.errors import ReconciliationError

if TYPE_CHECKING:
    from txplatform.domains.clickstream.stream.parity import Comparison


def check(as_json: Json = False) -> None:
    """Compute every table from the log in plain Python, and compare it row by row.

    Where the generator wrote a truth, its counts are compared too, once exactly its lines are
    processed. Exit code 1 if anything differs.

    Example: txplatform clickstream check
    """
    import psycopg2

    from txplatform.domains.clickstream.settings import ClickstreamSettings
    from txplatform.domains.clickstream.sources.logs import log_of
    from txplatform.domains.clickstream.stream import parity
    from txplatform.domains.clickstream.stream.job import job_of
    from txplatform.platform import opened
    from txplatform.settings.logins import Component

    with opened(Component.COMPUTE) as platform:
        log, own = log_of(platform.settings), platform.settings.of(ClickstreamSettings)
        address = job_of(platform.settings, log).address
        with closing(psycopg2.connect(address)) as connection:
            found = parity.compare(connection, log, own.terms)
        file = own.folder(platform.settings) / "truth.json"
        truth = json.loads(file.read_text(encoding="utf-8")) if file.exists() else None
        told = parity.against_truth(platform.engine, truth) if truth else {}
    if told and told["rows"][0] != told["rows"][1]:
        lines, processed = told["rows"]
        err().print(
            f"Of truth.json, {lines:,} lines, nothing is compared: {processed:,} are there."
        )
        told = {}
    show(found, told, as_json)


def show(found: "Comparison", told: dict[str, tuple[Any, Any]], as_json: bool) -> None:
    """Print what was compared.

    Raises:
        ReconciliationError: something differs.
    """
    wrong = {name: pair for name, pair in told.items() if pair[0] != pair[1]}
    if as_json:
        print_json({**vars(found), "truth": told, "is_equal": not found.n_different and not wrong})
    else:
        table(("table", "rows compared"), [(name, f"{n:,}") for name, n in found.rows.items()])
        for sentence in found.differences:
            out().print(sentence)
        for name, (right, stored) in wrong.items():
            out().print(f"truth.json says {name} = {json.dumps(right)}, the tables say {stored}")
    if found.n_different or wrong:
        raise ReconciliationError(f"{found.n_different + len(wrong):,} rows or counts differ.")
    if not as_json:
        against = "plain Python and truth.json" if told else "plain Python"
        out().print(f"Every row equals that of {against}.")
