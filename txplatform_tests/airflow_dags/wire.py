"""A web server that answers what the test says: what stands before Dagster, or in its place."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple


class Wire(NamedTuple):
    """Address of the server, and the headers and bodies of the requests that it got."""

    url: str
    requests: list[Mapping[str, str]]
    bodies: list[str]


@contextmanager
def answering(status: int, body: str, headers: Mapping[str, str] | None = None) -> Iterator[Wire]:
    """A server that gives every POST the same answer."""
    seen: list[Mapping[str, str]] = []
    bodies: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            seen.append(dict(self.headers))
            bodies.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
            self.send_response(status)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield Wire(f"http://127.0.0.1:{server.server_port}", seen, bodies)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
