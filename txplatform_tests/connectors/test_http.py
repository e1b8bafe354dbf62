"""HTTP to somebody else's service: tries, waits, and sentences that quote no secret."""

import gzip
import shutil
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from txplatform.connectors import http
from txplatform.connectors.http import Http, Patience, StatusError
from txplatform.errors import SourceError

QUICK = Patience((0.01, 0.01, 0.01), connect=1, read=5, whole=30)
CONTENTS = {
    "/latin": b"\xff\xfe",
    "/bomb": gzip.compress(bytes(http.MOST_BYTES + 1), 1),
    "/marked": b"\xef\xbb\xbf{}",
}
TRICKLING = {
    "/headers": b"HTTP/1.1 200 OK\r\nX-Long: " + b"a" * 20,
    "/body": b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n" + b"a" * 20,
    "/endless": b"HTTP/1.0 200 OK\r\n\r\n" + b"a" * 20,
}
"""Answers that come byte by byte: the last says nowhere how long it will be."""
AUTHORITY = """[ca]
default_ca = own
[own]
database = index
serial = serial
new_certs_dir = .
default_md = sha256
policy = any
x509_extensions = names
[any]
commonName = supplied
[names]
subjectAltName = IP:127.0.0.1
basicConstraints = CA:TRUE
"""


class Service:
    """Answers with the statuses of a list, in order; the last one stays."""

    def __init__(self, statuses: list[int], headers: dict[str, str]) -> None:
        self.statuses, self.headers = statuses, headers
        self.asked: list[tuple[str, str]] = []
        self.agents: list[str] = []
        self.bodies: list[str] = []

    def answer(self, handler: BaseHTTPRequestHandler, body: str) -> None:
        """Answer one request."""
        self.asked.append((handler.command, handler.path))
        self.agents.append(handler.headers["User-Agent"])
        self.bodies.append(body)
        if handler.path in TRICKLING:
            trickle(handler, TRICKLING[handler.path])
            return
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        content = CONTENTS.get(handler.path, b"hello")
        handler.send_response(status)
        for name, value in self.headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        with suppress(ConnectionError):  # who has enough hangs up
            handler.wfile.write(content)


def trickle(handler: BaseHTTPRequestHandler, content: bytes) -> None:
    """Send byte by byte, the last twenty slowly, until nobody listens any more."""
    handler.close_connection = True
    with suppress(ConnectionError):
        handler.wfile.write(content[:-20])
        for byte in content[-20:]:
            handler.wfile.write(bytes([byte]))
            time.sleep(0.1)


class Running:
    """A service on a port of this machine."""

    def __init__(self) -> None:
        self.service = Service([200], {})
        running = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                running.service.answer(self, "")

            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                running.service.answer(self, self.rfile.read(length).decode())

            def log_message(self, *_: object) -> None:
                """The tests look at what was asked instead."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def says(self, *statuses: int, **headers: str) -> Service:
        """Answer with these statuses from now on; `Retry_After` is a header."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.service = Service(list(statuses), named)
        return self.service


@pytest.fixture
def running() -> Iterator[Running]:
    """The service."""
    running = Running()
    yield running
    running.server.shutdown()
    running.server.server_close()


@pytest.fixture
def client() -> Iterator[Http]:
    """A client that does not wait long."""
    client = Http("txplatform/test", QUICK)
    yield client
    client.close()


def test_an_answer_is_its_text(running: Running, client: Http) -> None:
    service = running.says(200)

    assert client.get(f"{running.url}/a", {"b": "c d"}) == "hello"
    assert service.asked == [("GET", "/a?b=c+d")]
    assert service.agents == ["txplatform/test"]


def test_a_form_is_posted(running: Running, client: Http) -> None:
    service = running.says(200)

    assert client.post(f"{running.url}/form", {"user": "Ada", "word": "a&b"}) == "hello"
    assert service.bodies == ["user=Ada&word=a%26b"]


@pytest.mark.parametrize("passing", [429, 500, 503, 599])
def test_what_passes_is_waited_for(running: Running, client: Http, passing: int) -> None:
    service = running.says(passing, passing, 200)

    assert client.get(running.url, {}) == "hello"
    assert len(service.asked) == 3


@pytest.mark.parametrize("final", [301, 400, 401, 403, 404, 418])
def test_what_does_not_pass_is_not_tried_again(running: Running, client: Http, final: int) -> None:
    service = running.says(final)

    with pytest.raises(StatusError, match=str(final)) as caught:
        client.get(running.url, {})

    assert caught.value.status == final
    assert len(service.asked) == 1


def test_a_form_with_secrets_is_quoted_nowhere(running: Running, client: Http) -> None:
    running.says(401)

    with pytest.raises(StatusError) as caught:
        client.post(f"{running.url}/token", {"password": "s3cret"})

    assert "s3cret" not in str(caught.value)
    assert "/token" in str(caught.value)


def test_parameters_are_quoted_nowhere(running: Running, client: Http) -> None:
    running.says(404)

    with pytest.raises(StatusError) as caught:
        client.get(f"{running.url}/a", {"key": "s3cret"})

    assert "s3cret" not in str(caught.value)


def test_a_text_that_is_not_utf_8_is_a_sentence(running: Running, client: Http) -> None:
    running.says(200)

    with pytest.raises(SourceError, match="no text in UTF-8"):
        client.get(f"{running.url}/latin", {})


def test_an_answer_without_end_is_not_read_to_it(running: Running) -> None:
    """Catches: some thousand bytes that unpack to more than the memory holds."""
    service = running.says(200, Content_Encoding="gzip")

    with (
        closing(Http("tests", QUICK)) as client,
        pytest.raises(SourceError, match="/bomb sends more than 50 MB"),
    ):
        client.get(f"{running.url}/bomb", {})

    assert len(service.asked) == 1


def test_another_try_prints_nothing(
    running: Running, client: Http, capfd: pytest.CaptureFixture[str]
) -> None:
    running.says(503, 200)

    assert client.get(running.url, {}) == "hello"
    assert tuple(capfd.readouterr()) == ("", "")


def test_a_mark_of_utf_8_is_no_part_of_the_text(running: Running, client: Http) -> None:
    assert client.get(f"{running.url}/marked", {}) == "{}"


def test_what_cannot_be_unpacked_or_ends_too_soon_is_a_sentence(
    running: Running, client: Http
) -> None:
    running.says(200, Content_Encoding="gzip")
    with pytest.raises(SourceError, match="/a cannot be unpacked: Error -3"):
        client.get(f"{running.url}/a", {})

    running.says(200, Transfer_Encoding="chunked")
    with pytest.raises(SourceError, match=r"/a broke off: [^.]+\.$"):
        client.get(f"{running.url}/a", {})


@pytest.mark.parametrize("path", TRICKLING)
def test_an_answer_that_trickles_is_left(running: Running, path: str) -> None:
    service = running.says(200)
    begun = time.monotonic()

    with (
        closing(Http("tests", QUICK._replace(whole=0.2))) as client,
        pytest.raises(SourceError, match=f"{path} sends too slowly"),
    ):
        client.get(f"{running.url}{path}", {})

    assert time.monotonic() - begun < 1.8
    assert len(service.asked) == 1


def test_who_sends_us_elsewhere_is_not_followed(running: Running, client: Http) -> None:
    service = running.says(302, Location="/other")

    with pytest.raises(StatusError, match=r"sends us elsewhere \(302\): check the address"):
        client.get(running.url, {})

    assert len(service.asked) == 1


@pytest.mark.parametrize(
    ("url", "sentence"),
    [("http://here:port", "address of the source is none"), ("here", "cannot be reached")],
)
def test_what_is_no_address_is_a_sentence(client: Http, url: str, sentence: str) -> None:
    with pytest.raises(SourceError, match=sentence):
        client.get(url, {})


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl to make keys")
def test_a_certificate_that_has_expired_is_a_sentence(
    running: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ca.cnf").write_text(AUTHORITY)
    (tmp_path / "index").write_text("")
    (tmp_path / "serial").write_text("01")
    asked = "req -new -newkey rsa:2048 -nodes -subj /CN=localhost -keyout key -out asked"
    signed = (
        "ca -batch -selfsign -config ca.cnf -keyfile key -in asked -out cert -notext "
        "-startdate 20200101000000Z -enddate 20200102000000Z"
    )
    for command in (asked, signed):
        subprocess.run(["openssl", *command.split()], cwd=tmp_path, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert", tmp_path / "key")
    running.server.socket = context.wrap_socket(running.server.socket, server_side=True)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert"))

    with pytest.raises(SourceError, match=r"cannot be reached: .*certificate has expired"):
        Http("txplatform/test", QUICK).get(running.url.replace("http:", "https:"), {})


def test_nobody_there_is_not_tried_again(client: Http) -> None:
    begun = time.monotonic()

    with pytest.raises(SourceError, match="cannot be reached"):
        client.get("http://127.0.0.1:9", {})

    assert time.monotonic() - begun < 5
