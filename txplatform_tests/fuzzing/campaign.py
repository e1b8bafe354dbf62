"""`make fuzz CASES=100000 SEED=1`: every target under both engines, then the ledger.

A finding is kept in `findings/` beside this file, for `corpus/`; the campaign then ends with 1.
"""

import argparse
import csv
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from txplatform_tests.fuzzing import engines
from txplatform_tests.fuzzing.files import TARGETS
from txplatform_tests.fuzzing.shapes import SHAPES, shaped
from txplatform_tests.fuzzing.targets import CORPUS

HERE = Path(__file__).parent
LEDGER, FINDINGS = HERE / "ledger.csv", HERE / "findings"
PER_MILLE = {
    "amounts": 420,
    "dates": 280,
    "names": 224,
    "delimited": 40,
    "json_lines": 20,
    "parquet": 10,
    "excel": 3,
    "settings": 1,
    "layouts": 1,
    "packed": 1,
}
"""Of the cases of a campaign: cells are cheap, files take time."""
SLOW = ("excel", "parquet")
"""Their bytes are only the seed of a file: nothing for atheris to find a way through."""
FIELDS = ("day", "seed", "engine", "target", "cases", "findings", "seconds")


class Attack(NamedTuple):
    """A line of the ledger."""

    day: str
    seed: int
    engine: str
    target: str
    cases: int
    findings: int
    seconds: int


def attack(engine: str, target: str, cases: int, seed: int, seconds: int) -> Attack:
    """Run one target under one engine, for so many seconds at most."""
    began = datetime.now(UTC)
    with tempfile.TemporaryDirectory(prefix="fuzz-") as place:
        folder = Path(place)
        _seeds(target, folder / "corpus", seed)
        limits = (cases, seconds, seed, folder)
        command = [sys.executable, "-m", engines.__name__, engine, target, *map(str, limits)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        count = folder / "count"
        checked = int(count.read_text()) if count.exists() else 0
        if done.returncode:
            _keep(target, folder, done.stderr)
    taken, findings = (datetime.now(UTC) - began).seconds, int(done.returncode != 0)
    return Attack(f"{began:%Y-%m-%d}", seed, engine, target, checked, findings, taken)


def _seeds(target: str, folder: Path, seed: int) -> None:
    """What atheris starts from: the kept corpus and some cases of the target's shape."""
    shutil.copytree(CORPUS / target, folder)
    for number in range(50 if target in SHAPES else 0):
        (folder / f"shaped-{number}").write_bytes(shaped(target, seed + number, 10))


def _keep(target: str, folder: Path, said: str) -> None:
    FINDINGS.mkdir(exist_ok=True)
    for found in [*folder.glob("crash-*"), *folder.glob("timeout-*"), *folder.glob("oom-*")]:
        shutil.copy(found, FINDINGS / f"{target}-{found.name}")
    print(said[-3_000:], file=sys.stderr)


def note(line: Attack) -> None:
    """Add a line to the ledger."""
    is_new = not LEDGER.exists()
    with LEDGER.open("a", newline="", encoding="utf-8") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerows([FIELDS, line] if is_new else [line])


def ledger() -> Iterator[Attack]:
    """Every line of the ledger."""
    with LEDGER.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            cases, findings, seconds = (int(row[name]) for name in FIELDS[4:])
            yield Attack(
                *(row["day"], int(row["seed"]), row["engine"], row["target"]),
                *(cases, findings, seconds),
            )


def main() -> int:
    """Run a campaign; returns the number of findings."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--cases", type=int, default=100_000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--seconds", type=int, default=3_600, help="of each target and engine")
    options.add_argument("--target", choices=list(TARGETS), action="append")
    chosen = options.parse_args()
    findings = 0
    for target in chosen.target or TARGETS:
        names = [engines.HYPOTHESIS]
        names += [engines.ATHERIS] if engines.has_atheris() and target not in SLOW else []
        share = max(1, chosen.cases * PER_MILLE[target] // 1000 // len(names))
        for engine in names:
            line = attack(engine, target, share, chosen.seed, chosen.seconds)
            note(line)
            print(", ".join(f"{key} {value}" for key, value in line._asdict().items()), flush=True)
            findings += line.findings
    total = sum(line.cases for line in ledger())
    print(f"{findings} findings; {total:,} cases in the ledger.")
    return findings


if __name__ == "__main__":
    sys.exit(main() > 0)
