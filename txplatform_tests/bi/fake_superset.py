"""Superset's API at the wire: it keeps what is imported, exports it, and knows one login."""

import io
import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email import message_from_bytes
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import yaml

PASSWORD = "right"
SESSION = "txplatform-bi=a-session"
"""Its cookie, for TLS only as behind a proxy; without it nothing is written."""

KINDS = ("databases", "datasets", "charts", "dashboards")


class Superset(ThreadingHTTPServer):
    """A server with its documents by name of their file, and what it was asked to make."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Api)
        self.documents: dict[str, dict[str, Any]] = {}
        self.imports: list[set[str]] = []
        self.passwords: dict[str, str] = {}
        self.made: list[tuple[str, dict[str, Any]]] = []
        self.lists: dict[str, list[dict[str, Any]]] = {}

    @property
    def address(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def export(self) -> bytes:
        """Its documents as the real one packs them, with ids of its own in the names."""
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as bundle:
            bundle.writestr("export/metadata.yaml", yaml.safe_dump({"type": "assets"}))
            for number, document in enumerate(self.documents.values(), start=1):
                content = {key: one for key, one in document.items() if key != "kind"}
                name = f"export/{document['kind']}/A_title_{number}.yaml"
                bundle.writestr(name, yaml.safe_dump(content))
        return packed.getvalue()

    def take(self, bundle: bytes, passwords: str) -> None:
        """What an import does: each document replaces the one of its uuid."""
        taken = set()
        with zipfile.ZipFile(io.BytesIO(bundle)) as packed:
            for name in packed.namelist():
                kind = name.split("/")[1]
                if kind in KINDS:
                    document = yaml.safe_load(packed.read(name))
                    self.documents[document["uuid"]] = {"kind": kind, **document}
                    taken.add(document["uuid"])
        self.imports.append(taken)
        self.passwords = json.loads(passwords)


class Api(BaseHTTPRequestHandler):
    """Answers as Superset does."""

    server: Superset

    def do_GET(self) -> None:
        """The token against forgeries, an export, or a list."""
        path = self.path.removeprefix("/api/v1/").partition("?")[0].rstrip("/")
        if path == "security/csrf_token":
            self._send(200, b'{"result": "a token"}', {"Set-Cookie": f"{SESSION}; Secure; Path=/"})
        elif path == "assets/export":
            self._send(200, self.server.export())
        else:
            found = self.server.lists.get(path, [])
            self._say({"result": found, "count": len(found)})

    def do_POST(self) -> None:
        """A login, an import, or something new."""
        path = self.path.removeprefix("/api/v1/").rstrip("/")
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if path != "security/login" and self.headers["Cookie"] != SESSION:
            self._send(302, b"", {"Location": "/login/"})
        elif path == "assets/import":
            parts = _parts(self.headers["Content-Type"], body)
            self.server.take(parts["bundle"], parts["passwords"].decode())
            self._say({"message": "OK"})
        else:
            self._take(path, json.loads(body))

    def _take(self, path: str, said: dict[str, Any]) -> None:
        """Something new, or a login."""
        if path != "security/login":
            self.server.made.append((path, said))
            self._say({"id": len(self.server.made)}, 201)
        elif said["password"] == PASSWORD:
            self._say({"access_token": "a token"})
        else:
            self._say({"message": "Not authorized"}, 401)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""

    def _say(self, answer: dict[str, Any], status: int = 200) -> None:
        self._send(status, json.dumps(answer).encode())

    def _send(self, status: int, content: bytes, headers: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def _parts(content_type: str, body: bytes) -> dict[str, bytes]:
    """The fields of a form with files."""
    head = f"Content-Type: {content_type}\r\n\r\n".encode()
    found = {}
    for part in message_from_bytes(head + body, policy=HTTP).iter_parts():
        [name] = re.findall(r'name="(\w+)"', part["Content-Disposition"])
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        found[name] = content
    return found


@contextmanager
def running() -> Iterator[Superset]:
    """The server while the block runs."""
    server = Superset()
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
