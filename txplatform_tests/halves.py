"""How `make test` divides the tests between its two processes."""

import re
from functools import cache
from pathlib import Path

from xdist.scheduler import LoadScopeScheduling

WHOLE_SERVICES = (
    "end_to_end",
    "faults",
    "orchestration/test_ui.py",
    "serving/dashboard/test_server.py",
)

PUBLISHED_SHOPS = tuple(
    f"domains/commerce/{name}"
    for name in (
        *("computation/test_expectations", "publishing/test_round_trip"),
        *("test_engines", "test_published", "test_reference"),
    )
)
"""What looks at the published shops, which one process takes in and computes once."""

ON_SPARK = re.compile(r"\bspark: SparkSession|\bbooks: Books|\b(examples|weekly): \w|\"spark\"\)")
"""How a test asks for the session's Spark, or for a fixture that does."""

PARTS = ("services", "spark", "")
TESTS = Path(__file__).parent


class Halves(LoadScopeScheduling):  # type: ignore[misc]
    """Of two processes one takes the tests of whole services, the other those on Spark.

    All others follow file by file, wherever there is time. Two services at the same moment might
    take the same port; a JVM takes a while until it is quick; and a file's tests share fixtures.
    """

    def _split_scope(self, nodeid: str) -> str:
        """What is not divided between processes."""
        return part_of(nodeid) or nodeid.partition("::")[0]


def part_of(nodeid: str) -> str:
    """Whether a test is on Spark, or starts webserver, daemon or dashboard as a person would."""
    file = nodeid.partition("::")[0].removeprefix(f"{TESTS.name}/")
    if file.startswith(PUBLISHED_SHOPS) or is_on_spark(file):
        return "spark"
    return "services" if file.startswith(WHOLE_SERVICES) else ""


@cache
def is_on_spark(file: str) -> bool:
    """Whether tests of a file ask for the session's Spark, directly or through what is on it."""
    code = (TESTS / file).read_text(encoding="utf-8")
    return ON_SPARK.search(code) is not None
