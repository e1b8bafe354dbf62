"""A channel for alarms on this machine: real messages over HTTP, kept as they came."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple


class Channel(NamedTuple):
    """Somebody's alarm service: its Apprise address, and the messages that it got."""

    address: str
    messages: list[dict[str, str]]

    @property
    def heard(self) -> list[tuple[str, list[str]]]:
        """Title and lines of each message."""
        return [(one["title"], one["message"].splitlines()) for one in self.messages]


@contextmanager
def listening() -> Iterator[Channel]:
    """A channel that takes every message, until the end."""
    messages: list[dict[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            messages.append(json.loads(body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield Channel(f"json://127.0.0.1:{server.server_port}/", messages)
        server.shutdown()
        thread.join()
