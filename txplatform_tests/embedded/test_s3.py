"""The embedded S3 server: what it lets in, what survives it, and what is told where it is away."""

from pathlib import Path

import pytest

from txplatform.connectors.object_store import ObjectStore, S3Access
from txplatform.embedded.s3 import running_s3
from txplatform.errors import ServerError


def test_data_survive_a_server_that_is_killed(tmp_path: Path) -> None:
    with running_s3(tmp_path, "first", "second") as server:
        ObjectStore("s3://first/a", server.access).put("one", b"1")
        ObjectStore("s3://second", server.access).put("two", b"2")
        assert server.process.poll() is None

    assert server.process.poll() is not None
    with running_s3(tmp_path) as again:
        assert ObjectStore("s3://first/a", again.access).get("one") == b"1"
        assert ObjectStore("s3://second", again.access).names("") == ["two"]


def test_nobody_gets_in_without_the_key(tmp_path: Path) -> None:
    with running_s3(tmp_path, "lake") as server:
        stranger = S3Access(server.access.endpoint, "stranger", "secret")

        with pytest.raises(ServerError, match="refuses the key"):
            ObjectStore("s3://lake", stranger).put("one", b"1")
        with pytest.raises(ServerError, match="refuses the key"):
            ObjectStore(
                "s3://lake", S3Access(server.access.endpoint, server.access.key, "x")
            ).names("")


def test_the_secret_is_in_a_file_of_its_own_that_others_may_not_read(tmp_path: Path) -> None:
    with running_s3(tmp_path) as server:
        identities = tmp_path / "identities.json"
        assert server.access.secret is not None
        assert server.access.secret in identities.read_text(encoding="utf-8")
        assert identities.stat().st_mode & 0o077 == 0
        arguments = server.process.args
        assert isinstance(arguments, list)
        assert not any(server.access.secret in str(one) for one in arguments)
