"""Every benchmark, one after the other on the same documents, then the page that shows them.

    python benchmarks/run.py [--size 200k] [--file purchases.csv.gz] [--state FOLDER]

`make bench` calls it. One benchmark that fails keeps no other from running.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import data
from measuring import tell
from rivals import JARS

HERE = Path(__file__).parent
LARGE = 500_000
"""Above it, what a file of a city's size tells is not measured again."""


def commands(arguments: argparse.Namespace, state: str) -> list[list[str]]:
    """The benchmarks to run, with their arguments."""
    file = ["--file", str(arguments.file)] if arguments.file else []
    common = ["--size", str(arguments.size), "--state", state, *file]
    rivals = ["--jars", str(arguments.jars), "--repeats", str(arguments.repeats)]
    if arguments.dlt_python:
        rivals += ["--dlt-python", str(arguments.dlt_python)]
    found = [
        ["weekly.py", *common, *rivals],
        ["one_week.py", *common, "--rounds", str(arguments.repeats)],
        ["history.py", *common],
        ["load.py", *common],
        ["profile_job.py", *common],
        ["alerts.py", *common],
    ]
    if arguments.size <= LARGE:
        found += [
            ["ingestion.py", *file, "--rounds", str(arguments.repeats)],
            ["launch.py", "--rounds", "5"],
            ["backfill.py", *file],
            ["air_quality.py"],
            ["clickstream.py"],
        ]
    return found


def main() -> None:
    """Run them."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--size", type=data.documents, default=200_000)
    parser.add_argument("--file", type=Path)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--state", help="A folder that keeps the documents for the next time.")
    parser.add_argument("--jars", type=Path, default=JARS)
    parser.add_argument("--dlt-python", type=Path)
    arguments = parser.parse_args()
    failed = []
    with tempfile.TemporaryDirectory() as folder:
        for script, *options in commands(arguments, arguments.state or folder):
            tell(f"--- {script} {' '.join(options)}")
            done = subprocess.run([sys.executable, HERE / script, *options], check=False)
            failed += [script] if done.returncode else []
    subprocess.run([sys.executable, HERE / "report.py"], check=True)
    if failed:
        raise SystemExit(f"These benchmarks failed: {', '.join(failed)}.")


if __name__ == "__main__":
    main()
