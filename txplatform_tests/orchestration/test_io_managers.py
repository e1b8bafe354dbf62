"""Weekly tables between assets and the lake, through real Dagster runs."""

from datetime import date
from pathlib import Path
from typing import Any

import dagster as dg
import pyarrow as pa
import pytest

from txplatform.connectors.lake import Lake, metadata_of, with_metadata
from txplatform.orchestration.io_managers import LakeIOManager
from txplatform.orchestration.partitions import range_tags, weekly_partitions

PARTITIONS = weekly_partitions(date(2026, 1, 5))
FIRST, SECOND, THIRD = "2026-01-05", "2026-01-12", "2026-01-19"
Tables = dict[str, Any]


@dg.asset(partitions_def=PARTITIONS, io_manager_key="lake")
def numbers(context: dg.AssetExecutionContext) -> Tables:
    """For each week its own day of the month; nothing for the second week."""
    return {
        key: with_metadata(
            pa.table({"day": pa.array([] if key == SECOND else [int(key[-2:])], pa.int64())}),
            {"fingerprint": f"of {key}"},
        )
        for key in context.partition_keys
    }


@dg.asset(partitions_def=PARTITIONS)
def read_again(context: dg.AssetExecutionContext, numbers: Tables) -> None:
    """Reports what it was given."""
    given = {key: [table["day"].to_pylist(), metadata_of(table)] for key, table in numbers.items()}
    context.add_asset_metadata({"given": given}, partition_key=context.partition_keys[0])


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake")


def materialize(lake: Lake, *assets: dg.AssetsDefinition, **how: Any) -> dg.ExecuteInProcessResult:
    in_one_run = dg.BackfillPolicy.single_run()
    with dg.DagsterInstance.ephemeral() as instance:
        return dg.materialize(
            [asset.with_attributes(backfill_policy=in_one_run) for asset in assets],
            resources={"lake": LakeIOManager(lake)},
            instance=instance,
            **how,
        )


def given(result: dg.ExecuteInProcessResult) -> object:
    return result.asset_materializations_for_node("read_again")[0].metadata["given"].value


def test_each_week_of_a_range_gets_its_own_table(lake: Lake) -> None:
    materialize(lake, numbers, tags=range_tags(date(2026, 1, 5), date(2026, 1, 19)))

    assert [lake.read("numbers", key)["day"].to_pylist() for key in (FIRST, SECOND, THIRD)] == [
        [5],
        [],
        [19],
    ]


def test_dependants_get_back_what_was_kept_with_its_metadata(lake: Lake) -> None:
    how = range_tags(date(2026, 1, 5), date(2026, 1, 12))

    result = materialize(lake, numbers, read_again, tags=how)

    assert given(result) == {
        FIRST: [[5], {"fingerprint": f"of {FIRST}"}],
        SECOND: [[], {"fingerprint": f"of {SECOND}"}],
    }


def test_one_week_is_given_like_a_range_of_one(lake: Lake) -> None:
    result = materialize(lake, numbers, read_again, partition_key=THIRD)

    assert given(result) == {THIRD: [[19], {"fingerprint": f"of {THIRD}"}]}


def test_a_week_that_was_never_kept_fails_its_dependant_in_a_sentence(lake: Lake) -> None:
    result = materialize(
        lake,
        numbers,
        read_again,
        selection=[read_again],
        partition_key=FIRST,
        raise_on_error=False,
    )

    assert not result.success
    failure = next(event for event in result.all_events if event.is_step_failure)
    error = failure.step_failure_data.error
    assert error is not None
    assert f"The lake has no numbers of {FIRST}" in str(error.to_string())
