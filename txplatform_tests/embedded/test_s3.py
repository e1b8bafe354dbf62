"""The embedded S3 server: what it lets in, what survives it, and what is told where it is away."""

import socket
from pathlib import Path

import pytest

from txplatform import embedded
from txplatform.connectors.object_store import ObjectStore, S3Access
from txplatform.connectors.private_files import private_folder
from txplatform.embedded import processes
from txplatform.embedded.s3 import S3, SOCKETS
from txplatform.errors import ServerError
from txplatform.settings import Settings
from txplatform_tests.embedded.commands import is_gone, settings_of


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings whose databases are elsewhere and whose lake is embedded."""
    own = {"mongo_uri": "mongodb://db/", "postgres_url": "postgresql://db/x"}
    return settings_of(tmp_path_factory.mktemp("s3"), lake_url="embedded", **own)


def test_the_lake_runs_for_as_long_as_it_is_used_and_data_survive_its_kill(
    settings: Settings,
) -> None:
    with embedded.running(settings):
        status = embedded.status(settings)[-1]
        assert (status.name, status.is_running) == ("S3", True)
        assert status.version.startswith("4.")
        address, access = embedded.lake(settings)
        ObjectStore(f"{address}/a", access).put("one", b"1")
        process = S3(settings).process()
        assert process
        arguments = process.cmdline()

    assert is_gone(process.pid)
    ports = [one.partition("=")[2] for one in arguments if ".port" in one]
    assert [found for port in ports for found in SOCKETS.glob(f"*-{port}.sock")] == []
    assert not any(str(access.secret) in one for one in arguments)
    with pytest.raises(ServerError, match=r"embedded S3 of .* is not running"):
        embedded.lake(settings)
    with embedded.running(settings):
        store = ObjectStore(*embedded.lake(settings))
        assert (store.names(""), store.get("a/one")) == (["a/one"], b"1")


def test_nobody_gets_in_without_the_key(settings: Settings) -> None:
    with embedded.running(settings):
        address, access = embedded.lake(settings)
        for stranger in (
            S3Access(access.endpoint, "stranger", "secret"),
            S3Access(access.endpoint, access.key, "x"),
        ):
            with pytest.raises(ServerError, match="refuses the key"):
                ObjectStore(address, stranger).put("one", b"1")


def test_the_secret_is_in_files_that_others_may_not_read(settings: Settings) -> None:
    secrets = [path for path in (settings.state / "secrets").iterdir() if path.is_file()]

    assert {"s3", "s3-identities.json"} <= {path.name for path in secrets}
    assert all(path.stat().st_mode & 0o077 == 0 for path in secrets)


def test_a_port_beside_its_own_that_was_taken_meanwhile_is_chosen_anew(tmp_path: Path) -> None:
    with socket.create_server((processes.LOOPBACK, 0)) as other:
        unlucky = [f"-filer.port={other.getsockname()[1]}"]

        class UnluckyOnce(S3):
            def command(self, port: int) -> list[str]:
                taken = [unlucky.pop()] if unlucky else []
                return [*super().command(port), *taken]

        server = UnluckyOnce(settings_of(tmp_path, lake_url="embedded"))
        private_folder(server.log.parent)
        try:
            server.ensure()

            assert (unlucky, server.process() is not None) == ([], True)
        finally:
            server.stop()


def test_a_fatal_error_is_told_whatever_is_said_after_it(tmp_path: Path) -> None:
    log = ["I1130 22:13:30 one", "F1130 22:13:32 the cause", "I1130 22:13:32 two"]

    assert S3(settings_of(tmp_path)).last_words(log) == log[1]
    assert S3(settings_of(tmp_path)).last_words(log[:1]) == log[0]


def test_a_program_that_is_none_is_a_sentence(tmp_path: Path) -> None:
    class Other(S3):
        program = Path("/bin/echo")

    with pytest.raises(ServerError, match=r"No embedded S3 here .*: set TXPLATFORM_LAKE to"):
        Other(settings_of(tmp_path)).program_version()
