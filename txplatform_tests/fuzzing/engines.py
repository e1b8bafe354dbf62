"""One target under one engine, in a process of its own: hypothesis for shapes, atheris for bytes.

`python -m txplatform_tests.fuzzing.engines ENGINE TARGET CASES SECONDS SEED FOLDER` writes how many
cases were checked into FOLDER/count; it ends with 0, or with what failed on standard error.
"""

import os
import sys
import time
from importlib.util import find_spec
from pathlib import Path

ATHERIS, HYPOTHESIS = "atheris", "hypothesis"
LONGEST_INPUT, HUNG_AFTER_SECONDS, MEMORY_MB = 2_000, 30, 2_048
CELLS_PER_EXAMPLE, ROWS_PER_EXAMPLE = 2_000, 300


def has_atheris() -> bool:
    """Whether atheris is installed; it has no wheel for some platforms."""
    return find_spec(ATHERIS) is not None


def under_hypothesis(name: str, cases: int, until: float, seed: int, folder: Path) -> None:
    """Try examples of the target's shape until so many distinct cases, or the time is up."""
    import hypothesis
    from hypothesis import strategies as st

    from txplatform_tests.fuzzing.distinct import Distinct
    from txplatform_tests.fuzzing.files import TARGETS
    from txplatform_tests.fuzzing.shapes import SHAPES, shaped
    from txplatform_tests.fuzzing.targets import CELLS

    target, distinct = TARGETS[name], Distinct()
    examples = st.binary(min_size=1, max_size=400)
    if name in SHAPES:
        of_shape = st.builds(
            lambda number, count: shaped(name, number, count),
            st.integers(0, 2**63),
            st.integers(1, CELLS_PER_EXAMPLE if name in CELLS else ROWS_PER_EXAMPLE),
        )
        examples = st.one_of(of_shape, of_shape, of_shape, examples)
    per_round, rounds = 200 if name in SHAPES else 10, 0
    while distinct.total < cases and rounds < cases and time.monotonic() < until:
        rounds += 1

        @hypothesis.seed(seed + rounds)
        @hypothesis.settings(
            max_examples=per_round,
            database=None,
            deadline=None,
            suppress_health_check=list(hypothesis.HealthCheck),
        )
        @hypothesis.given(examples)
        def attack(data: bytes) -> None:
            target(data, distinct)

        attack()
        write_count(folder, distinct.total)


def under_atheris(name: str, cases: int, until: float, seed: int, folder: Path) -> None:
    """Mutate bytes towards code not yet reached, until so many cases, or the time is up."""
    import atheris

    with atheris.instrument_imports(include=["txplatform.connectors", "txplatform.domains"]):
        from txplatform_tests.fuzzing.files import TARGETS
    from txplatform_tests.fuzzing.distinct import Distinct

    target, distinct, inputs = TARGETS[name], Distinct(), 0

    def attack(data: bytes) -> None:
        nonlocal inputs
        inputs += 1
        target(data, distinct)
        is_done = distinct.total >= cases or inputs >= cases or time.monotonic() > until
        if is_done or inputs % 500 == 0:
            write_count(folder, distinct.total)
        if is_done:
            os._exit(0)  # libFuzzer has no other way to stop early

    options = [
        f"-seed={seed}",
        f"-max_len={LONGEST_INPUT}",
        f"-timeout={HUNG_AFTER_SECONDS}",
        f"-rss_limit_mb={MEMORY_MB}",
        f"-artifact_prefix={folder}/",
        "-verbosity=0",
    ]
    atheris.Setup([sys.argv[0], *options, str(folder / "corpus")], attack)
    atheris.Fuzz()


def write_count(folder: Path, count: int) -> None:
    """Note how many cases were checked so far."""
    (folder / "count").write_text(str(count))


if __name__ == "__main__":
    _, engine, target_name, wanted, seconds, first_seed, place = sys.argv
    run = {ATHERIS: under_atheris, HYPOTHESIS: under_hypothesis}[engine]
    run(target_name, int(wanted), time.monotonic() + int(seconds), int(first_seed), Path(place))
