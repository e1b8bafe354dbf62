"""The network of the made-up stations: an HTTP server on this machine that speaks like AirQino."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit

from txplatform.domains.air_quality.sources import sample
from txplatform.domains.air_quality.sources.airqino import HOURLY, TIME


class Handler(BaseHTTPRequestHandler):
    """Answers with a station's year up to the running hour, from `start_date` on."""

    def do_GET(self) -> None:
        """Answer one request."""
        parts = urlsplit(self.path)
        station_id = parts.path.removeprefix(f"{HOURLY}/")
        asked = parse_qs(parts.query).get("start_date")
        since = datetime.strptime(asked[0], TIME).replace(tzinfo=UTC) if asked else None
        is_known = station_id in sample.STATIONS
        now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
        body = sample.answer(station_id, now, since).encode() if is_known else b"{}"
        self.send_response(200 if is_known else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """What was asked stands in `fetches`."""


@contextmanager
def running() -> Iterator[str]:
    """Serve on a free port of this machine; gives the address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
