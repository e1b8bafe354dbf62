"""Kafka's jars: none is used that is missing, unknown or changed."""

import hashlib
from pathlib import Path

import pytest

from txplatform.embedded import kafka_jars
from txplatform.errors import ServerError


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.fixture
def jars(tmp_path: Path) -> Path:
    (tmp_path / "a.jar").write_bytes(b"a")
    (tmp_path / "b.jar").write_bytes(b"b")
    return tmp_path


def test_exactly_the_expected_jars_are_taken(jars: Path) -> None:
    kafka_jars.require_expected(jars, {"a.jar": digest(b"a"), "b.jar": digest(b"b")})


@pytest.mark.parametrize(
    ("wanted", "named"),
    [
        ({"a.jar": digest(b"a"), "b.jar": digest(b"other")}, "b.jar"),
        ({"a.jar": digest(b"a")}, "b.jar"),
        ({"a.jar": digest(b"a"), "b.jar": digest(b"b"), "c.jar": digest(b"c")}, "c.jar"),
    ],
)
def test_others_are_refused_by_name(jars: Path, wanted: dict[str, str], named: str) -> None:
    with pytest.raises(ServerError, match=rf"is not what it must be \({named}\)"):
        kafka_jars.require_expected(jars, wanted)


def test_all_of_kafka_is_pinned() -> None:
    expected = kafka_jars.expected()

    assert len(expected) == 46
    assert f"kafka-server-{kafka_jars.VERSION}.jar" in expected
    assert all(len(one) == 64 for one in expected.values())


def test_where_nothing_can_be_fetched_a_sentence_says_what_to_do(tmp_path: Path) -> None:
    refusing = tmp_path / "java"
    refusing.write_text(
        "#!/bin/sh\necho 'Server access error at https://example.invalid'\nexit 1\n"
    )
    refusing.chmod(0o700)

    with pytest.raises(ServerError, match=r"cannot be fetched from Maven Central \(Server access"):
        kafka_jars._fetch(refusing, tmp_path / "draft")
    with pytest.raises(ServerError, match="TXPLATFORM_KAFKA_BOOTSTRAP"):
        kafka_jars._fetch(tmp_path / "no-java", tmp_path / "draft")
