"""A network of stations on this machine: a real HTTP server with good manners and bad ones."""

import json
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit


class Reply(NamedTuple):
    """What the server says to one request."""

    body: str
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    cut_at: int | None = None
    """Bytes after which the connection breaks, though more were announced."""


class Asked(NamedTuple):
    """What the server was asked."""

    path: str
    parameters: dict[str, str]
    headers: dict[str, str]
    form: dict[str, str]


def hours(*records: dict[str, Any], header: dict[str, Any] | None = None) -> str:
    """An answer with hourly averages."""
    return json.dumps({"header": header or HEADER, "data": list(records)})


HEADER = {"station_name": "SMART188", "station_lat": 5.36, "station_lon": -3.98}


def record(timestamp: str, **values: Any) -> dict[str, Any]:
    """One hour as AirQino writes it; `pm25=6.5` becomes `"PM2.5": 6.5`."""
    names = {
        "co": "CO",
        "no2": "NO2",
        "o3": "O3",
        "pm10": "PM10",
        "pm25": "PM2.5",
        "rh": "RH",
        "t": "T",
        "t_int": "T. int.",
    }
    return {"timestamp": timestamp, **{names[name]: value for name, value in values.items()}}


class Network:
    """Answers `replies` in order, then the last one again; keeps what it was asked."""

    def __init__(self) -> None:
        self.replies: deque[Reply] = deque()
        self.asked: list[Asked] = []
        self.answer: Callable[[Asked], Reply] | None = None
        network = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                network.reply(self, {})

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                network.reply(self, {key: value[0] for key, value in parse_qs(body).items()})

            def log_message(self, *_: object) -> None:
                """The tests look at `asked` instead."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> "Network":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def will_say(self, *replies: Reply | str) -> None:
        """Set what is answered from now on."""
        self.replies = deque(Reply(each) if isinstance(each, str) else each for each in replies)

    def reply(self, handler: BaseHTTPRequestHandler, form: dict[str, str]) -> None:
        """Answer one request."""
        parts = urlsplit(handler.path)
        parameters = {key: value[0] for key, value in parse_qs(parts.query).items()}
        asked = Asked(parts.path, parameters, dict(handler.headers.items()), form)
        self.asked.append(asked)
        said = self.answer(asked) if self.answer else self._next()
        body = said.body.encode()
        handler.send_response(said.status)
        for name, value in said.headers:
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        with suppress(ConnectionError):  # who has enough hangs up
            handler.wfile.write(body[: said.cut_at])

    def _next(self) -> Reply:
        return self.replies.popleft() if len(self.replies) > 1 else self.replies[0]
