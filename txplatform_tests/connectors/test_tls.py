"""TLS to one's own servers: a certificate of nobody known is refused, until its authority is named.

MongoDB speaks TLS itself; the packaged PostgreSQL does not, so a small end of TLS stands before the
session's real one.
"""

import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from pathlib import Path

import pytest
from sqlalchemy import make_url, text

from txplatform import embedded
from txplatform.connectors import mongo, postgres
from txplatform.embedded.mongod import Mongod
from txplatform.embedded.processes import free_port, is_listening, wait_until
from txplatform.errors import ServerError
from txplatform.settings import Settings

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl to make keys")
BEYOND = "pg.example"
"""A server beyond this machine, by its name: `hostaddr` leads to the test's own."""

BRIEFLY = "serverSelectionTimeoutMS=1500"
"""A server that is refused stays refused."""

WANTS_TLS = b"\x00\x00\x00\x08\x04\xd2\x16\x2f"
"""PostgreSQL's request for TLS."""


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and the certificate for localhost that it signed itself, in one file."""
    folder = tmp_path_factory.mktemp("tls")
    key, cert, both = (folder / name for name in ("key.pem", "cert.pem", "both.pem"))
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-subj", "/CN=localhost", "-addext", f"subjectAltName=DNS:localhost,DNS:{BEYOND}"),
            *("-keyout", key, "-out", cert),
        ],
        check=True,
        capture_output=True,
    )
    both.write_text(key.read_text() + cert.read_text())
    return both


@pytest.fixture(scope="module")
def mongod(
    certificate: Path, settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[int]:
    """The port of a MongoDB that speaks TLS only."""
    port, data = free_port(), tmp_path_factory.mktemp("mongo")
    command = [
        *(str(Mongod(settings).program), "--dbpath", str(data), "--port", str(port), "--quiet"),
        *("--bind_ip", "127.0.0.1", "--nounixsocket", "--wiredTigerCacheSizeGB", "0.25"),
        *("--tlsMode", "requireTLS", "--tlsCertificateKeyFile", str(certificate)),
        *("--tlsAllowConnectionsWithoutCertificates", "--tlsCAFile", str(certificate)),
    ]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    assert wait_until(lambda: is_listening(port), 120)
    yield port
    server.terminate()
    server.wait()


@pytest.fixture
def tls_end(certificate: Path, postgres_url: str) -> Iterator[int]:
    """The port of an end of TLS before PostgreSQL."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    behind = make_url(postgres_url)
    with ExitStack() as stack:
        listening = stack.enter_context(socket.create_server(("127.0.0.1", 0)))

        def serve() -> None:
            with suppress(OSError):
                while True:
                    plain, _ = listening.accept()
                    threading.Thread(target=_relay, args=(plain, context, behind.port)).start()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)


def _relay(plain: socket.socket, context: ssl.SSLContext, port: int) -> None:
    """Say yes to TLS, then pass bytes on both ways until one side ends."""
    with suppress(OSError), closing(plain):
        if plain.recv(8) != WANTS_TLS:
            return
        plain.sendall(b"S")
        with (
            context.wrap_socket(plain, server_side=True) as client,
            socket.create_connection(("127.0.0.1", port)) as server,
        ):
            client.setblocking(False)
            server.setblocking(False)
            while _pass_on(client, server) and _pass_on(server, client):
                time.sleep(0.002)


def _pass_on(source: socket.socket, target: socket.socket) -> bool:
    """Whether the source goes on; what it has sent is passed on."""
    try:
        data = source.recv(65_536)
    except (BlockingIOError, ssl.SSLWantReadError):
        return True
    target.sendall(data)
    return bool(data)


def test_mongodb_with_an_unknown_certificate_is_refused_in_a_sentence(mongod: int) -> None:
    with pytest.raises(ServerError, match=r"MongoDB does not answer .*certificate verify failed"):
        mongo.connect(f"mongodb://localhost:{mongod}/?tls=true&{BRIEFLY}")


def test_mongodb_is_entered_once_its_authority_is_named(mongod: int, certificate: Path) -> None:
    with mongo.connect(f"mongodb://localhost:{mongod}/?tls=true&tlsCAFile={certificate}") as client:
        assert client.server_info()["ok"] == 1


def test_mongodb_under_another_name_is_refused(mongod: int, certificate: Path) -> None:
    trusted = f"tls=true&tlsCAFile={certificate}"
    with pytest.raises(ServerError, match="does not answer"):
        mongo.connect(f"mongodb://127.0.0.1:{mongod}/?{trusted}&{BRIEFLY}")


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The certificate of somebody else."""
    folder = tmp_path_factory.mktemp("other")
    other = folder / "other.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=other"),
            *("-keyout", folder / "key.pem", "-out", other),
        ],
        check=True,
        capture_output=True,
    )
    return other


@pytest.mark.usefixtures("endpoints")
def test_postgresql_with_an_unknown_certificate_is_refused_in_a_sentence(
    tls_end: int, postgres_url: str, other: Path
) -> None:
    with pytest.raises(ServerError, match=r"does not let us in \(.*certificate verify failed"):
        postgres.connect(through(tls_end, postgres_url, str(other)))


def test_postgresql_is_entered_once_its_authority_is_named(
    tls_end: int, postgres_url: str, certificate: Path, endpoints: embedded.Endpoints
) -> None:
    assert endpoints
    engine = postgres.connect(through(tls_end, postgres_url, str(certificate)))
    with engine.connect() as connection:
        assert connection.execute(text("SELECT 1")).scalar_one() == 1
    engine.dispose()


def through(port: int, url: str, authority: str) -> str:
    """The address of the same database through the end of TLS, whose certificate is verified."""
    query = {"sslmode": "verify-full", "sslrootcert": authority}
    address = make_url(url).set(host="localhost", port=port, query=query)
    return address.render_as_string(hide_password=False)


def beyond(url: str, port: int | None = None, **query: str) -> str:
    """The address of the same database as if its server were beyond this machine."""
    here = make_url(url)
    query = {"hostaddr": "127.0.0.1", **query}
    address = here.set(host=BEYOND, port=port or here.port, query=query)
    return address.render_as_string(hide_password=False)


@pytest.mark.usefixtures("endpoints")
def test_a_server_beyond_this_machine_must_be_known_without_anybody_asking(
    tls_end: int, postgres_url: str, certificate: Path, other: Path
) -> None:
    refused = (
        rf"^PostgreSQL at {BEYOND} does not let us in \(.*certificate verify failed.*\): name the "
        r"authority of its certificate \(sslrootcert=FILE\), .* in TXPLATFORM_POSTGRES_URL\.$"
    )
    for query in ({"sslrootcert": str(other)}, {}):
        with pytest.raises(ServerError, match=refused):
            postgres.connect(beyond(postgres_url, tls_end, **query))

    engine = postgres.connect(beyond(postgres_url, tls_end, sslrootcert=str(certificate)))
    with engine.connect() as connection:
        session = connection.connection.driver_connection
        assert session is not None
        assert session.info.dsn_parameters["sslmode"] == "verify-full"
    engine.dispose()


@pytest.mark.usefixtures("endpoints")
def test_a_server_beyond_this_machine_without_tls_is_refused_unless_the_address_wants_it(
    postgres_url: str,
) -> None:
    with pytest.raises(ServerError, match=r"server does not support SSL.*sslmode="):
        postgres.connect(beyond(postgres_url))

    postgres.connect(beyond(postgres_url, sslmode="disable")).dispose()


@pytest.mark.parametrize(
    "rest",
    [
        "localhost/db",
        "127.0.0.1:5433/db",
        "[::1]:5433/db",
        "/db",
        "/db?host=/run/postgresql",
        "/db?host=127.0.0.1:5432&host=localhost:5433",
        "pg.example/db?sslmode=require",
        "/db?service=ours",
    ],
)
def test_an_address_on_this_machine_or_with_a_wish_stays_as_it_is(rest: str) -> None:
    given = f"postgresql+psycopg2://ada@{rest}"

    assert postgres.address_of(given).render_as_string() == make_url(given).render_as_string()


@pytest.mark.parametrize(
    "rest", ["pg.example/db", "192.0.2.7/db", "[2001:db8::1]/db", "/db?host=localhost&host=pg:5432"]
)
def test_any_other_address_is_verified(rest: str) -> None:
    found = postgres.address_of(f"postgresql://ada@{rest}")

    assert found.query["sslmode"] == "verify-full"
    assert found.query["sslrootcert"]


def test_libpqs_own_variables_hold(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PGSSLROOTCERT", str(tmp_path))
    found = postgres.address_of("postgresql://ada@pg.example/db").query
    monkeypatch.setenv("PGSSLMODE", "require")

    assert found == {"sslmode": "verify-full"}
    assert postgres.address_of("postgresql://ada@pg.example/db").query == {}
