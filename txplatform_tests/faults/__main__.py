"""`make faults FAULTS=100 SEED=1`: play a campaign, print it, and add it to the ledger."""

import argparse
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from txplatform_tests.faults import ledger
from txplatform_tests.faults.campaign import fight, plan, stage_of_own
from txplatform_tests.faults.ledger import Outcome
from txplatform_tests.faults.play import Fault

MOST = 2_000


def main() -> int:
    """Play; 1 if a promise was broken."""
    # As Ctrl-C does: the servers and the small disk go with the campaign.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    options = _options()
    faults = plan(options.only or options.faults, options.seed)
    if options.only:
        faults = [one for one in faults if one.seed == f"{options.seed}:{options.only}"]
    if options.kind or options.moment:
        faults = [one for one in plan(MOST, options.seed) if _is_wanted(one, options)]
        faults = faults[: options.faults]
    began, outcomes = time.monotonic(), list[Outcome]()
    try:
        with stage_of_own() as stage:
            outcomes.extend(fight(stage, faults, _say))
            _say(f"A reader looked {stage.reader.looks:,} times.")
    finally:
        _note(outcomes, options.ledger)
    _say("\n".join(ledger.table(outcomes)))
    broken = sum(not one.has_survived for one in outcomes)
    strikes = sum(one.strikes for one in outcomes)
    _say(f"{strikes} faults, {broken} broke a promise, {time.monotonic() - began:.0f} s.")
    return 1 if broken else 0


def _note(outcomes: Sequence[Outcome], path: Path | None) -> None:
    """Add what was played to the ledger, once all is over.

    The ledger lies among the code, and commands that are forked begin anew when that changes.
    """
    if path:
        for outcome in outcomes:
            ledger.append(outcome, path)
    if path and path.resolve() == ledger.LEDGER:
        page = ledger.PAGE.read_text(encoding="utf-8")
        ledger.PAGE.write_text(ledger.with_table(page, ledger.read()), encoding="utf-8")


def _is_wanted(fault: Fault, options: argparse.Namespace) -> bool:
    return options.kind in fault.kind and options.moment in fault.moment


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="faults", description=__doc__)
    parser.add_argument("--faults", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, help="number of the one fault to play")
    parser.add_argument("--kind", default="", help="play faults of this kind only")
    parser.add_argument("--moment", default="", help="play faults of this moment only")
    parser.add_argument("--ledger", type=Path, help="file to add the faults to")
    return parser.parse_args()


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
