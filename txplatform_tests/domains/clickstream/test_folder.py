"""The log in a folder: offsets, segments that appear whole, and sentences where one is missing."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from txplatform.domains.clickstream.sources.event_log import (
    NewLine,
    limited,
    partition_of,
    require_kept,
)
from txplatform.domains.clickstream.sources.folder import MOST_SHORT, FolderLog
from txplatform.errors import SourceError

TOPIC = "shop-events"


def lines(count: int, key: str = "s-1") -> list[NewLine]:
    return [NewLine(key, 1_000 + n, f"line {n}".encode()) for n in range(count)]


@pytest.fixture
def log(tmp_path: Path) -> FolderLog:
    return FolderLog(tmp_path / "a folder", TOPIC)


def read(log: FolderLog, partition: int, start: int, stop: int) -> list[bytes]:
    return [line.value for part in log.read(partition, start, stop) for line in part]


def test_an_empty_log_begins_and_ends_at_zero(log: FolderLog) -> None:
    assert log.beginnings() == log.ends() == {0: 0, 1: 0, 2: 0, 3: 0}
    assert read(log, 0, 0, 0) == []


def test_lines_come_back_in_order_across_segments(log: FolderLog) -> None:
    for _ in range(3):
        log.append(lines(4))

    at = partition_of("s-1")
    assert log.ends()[at] == 12
    assert read(log, at, 3, 6) == [b"line 3", b"line 0", b"line 1"]


def test_any_bytes_come_back(log: FolderLog) -> None:
    values = [b"\xff\x00", "é\n".encode(), b'"\\', b""]
    log.append(NewLine("k", 1, value) for value in values)

    assert read(log, partition_of("k"), 0, 4) == values


def test_keys_stay_in_their_partition(log: FolderLog) -> None:
    log.append(NewLine(f"k-{n % 20}", n, str(n % 20).encode()) for n in range(200))

    for partition, end in log.ends().items():
        assert {partition_of(f"k-{value.decode()}") for value in read(log, partition, 0, end)} in (
            {partition},
            set(),
        )


def test_shops_that_write_at_once_give_no_offset_twice(log: FolderLog) -> None:
    with ThreadPoolExecutor(4) as pool:
        for _ in range(20):
            pool.submit(log.append, lines(3))

    at = partition_of("s-1")
    assert log.ends()[at] == 60
    assert len(read(log, at, 0, 60)) == 60


def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")

    with pytest.raises(SourceError, match="cannot be written: File exists"):
        FolderLog(tmp_path / "file", TOPIC).append(lines(1))


def test_a_segment_that_is_being_written_is_not_seen(log: FolderLog) -> None:
    log.append(lines(2))
    folder = log.folder / str(partition_of("s-1"))
    (folder / f".{2:020d}-{3:020d}.jsonl.draft").write_text("half of a li")

    assert log.ends()[partition_of("s-1")] == 2


def test_short_segments_become_a_long_one_under_a_reader_and_after_a_crash(log: FolderLog) -> None:
    at, many = partition_of("s-1"), MOST_SHORT - 1
    folder = log.folder / str(at)
    for number in range(many):
        log.append([NewLine("s-1", number, b"%d" % number)])
    reader = log.read(at, 0, many)
    read_so_far = [line.value for line in next(reader)]
    crashed = sorted(folder.glob("*.jsonl"))[2]
    kept = crashed.read_bytes()
    log.append([NewLine("s-1", many, b"%d" % many)])
    (long,) = folder.glob("*.jsonl")
    crashed.write_bytes(kept)  # as if the last ones could not be removed any more

    found = read_so_far + [line.value for part in reader for line in part]
    assert found == [b"%d" % number for number in range(many)]
    assert read(log, at, 0, many + 1) == [*found, b"%d" % many]
    assert (log.beginnings()[at], log.ends()[at]) == (0, many + 1)
    assert long.name == f"{0:020d}-{many + 1:020d}.jsonl"


def test_a_segment_that_leads_nowhere_is_told(log: FolderLog) -> None:
    log.append(lines(2))
    segment = next(log.folder.rglob("*.jsonl"))
    segment.unlink()
    segment.symlink_to("nowhere")

    with pytest.raises(SourceError, match="leads nowhere: restore it"):
        read(log, partition_of("s-1"), 0, 2)


def test_a_missing_segment_is_told(log: FolderLog) -> None:
    for _ in range(3):
        log.append(lines(2))
    at = partition_of("s-1")
    (log.folder / str(at) / f"{2:020d}-{4:020d}.jsonl").unlink()

    with pytest.raises(SourceError, match="offset 4 where 2 must come"):
        read(log, at, 0, 6)


def test_a_damaged_segment_is_told(log: FolderLog) -> None:
    log.append(lines(2))
    segment = next(log.folder.rglob("*.jsonl"))
    segment.write_text(segment.read_text()[:-5])

    with pytest.raises(SourceError, match="is damaged"):
        read(log, partition_of("s-1"), 0, 2)


def test_an_end_that_was_announced_must_be_there(log: FolderLog) -> None:
    log.append(lines(2))

    with pytest.raises(SourceError, match="ends at offset 2 and 5 was announced"):
        read(log, partition_of("s-1"), 0, 5)


@pytest.mark.parametrize(
    ("start", "ends", "most", "expected"),
    [
        ({0: 0, 1: 0}, {0: 5, 1: 5}, 100, {0: 5, 1: 5}),
        ({0: 0, 1: 0}, {0: 300, 1: 100}, 40, {0: 30, 1: 10}),
        ({0: 0, 1: 0}, {0: 3, 1: 1}, 1, {0: 1, 1: 0}),
        ({0: 7}, {0: 7, 1: 2}, 10, {0: 7, 1: 2}),
        ({0: 9}, {0: 7}, 10, {0: 9}),
    ],
)
def test_a_batch_takes_of_each_partition_its_share_of_the_lag(
    start: dict[int, int], ends: dict[int, int], most: int, expected: dict[int, int]
) -> None:
    assert limited(start, ends, most) == expected


def test_lines_lost_to_retention_stop_the_job() -> None:
    require_kept(TOPIC, {0: 5}, {0: 5}, {0: 5})

    with pytest.raises(SourceError, match="Lines 2 to 4 of partition 0"):
        require_kept(TOPIC, {0: 2}, {0: 5}, {0: 5})


@pytest.mark.parametrize("ends", [{0: 4}, {1: 9}])
def test_a_log_that_was_made_anew_stops_the_job(ends: dict[int, int]) -> None:
    with pytest.raises(SourceError, match=r"Partition 0 .* and its lines up to 5 were processed"):
        require_kept(TOPIC, {0: 5}, {}, ends)
