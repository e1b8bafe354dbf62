"""A controller who decides through the API without a pause, and notes what was acknowledged."""

import signal
import socket
import threading
import time
from contextlib import suppress
from random import Random
from typing import Any

import httpx
import psycopg2

from txplatform.errors import ServerError
from txplatform_tests.faults.forked import Command
from txplatform_tests.faults.world import World

START_SECONDS = 60
NEWEST = """
    SELECT a.alert_id, coalesce(max(d.sequence), 0),
        coalesce((array_agg(d.state ORDER BY d.sequence DESC))[1], 'open')
    FROM alerts a LEFT JOIN decisions d USING (alert_id)
    GROUP BY a.alert_id ORDER BY md5(a.alert_id) LIMIT 30"""
MOVES = {"open": "in_review", "in_review": "abusive"}


class Api:
    """The API as a process, on a port that it keeps."""

    def __init__(self, world: World) -> None:
        self._world = world
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = int(probe.getsockname()[1])
        self.command: Command | None = None

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def ensure(self) -> Command:
        """Start it unless it runs; it answers afterwards.

        Raises:
            AssertionError: it does not come up.
        """
        if self.command is None or not self.command.is_running:
            self.command = self._world.shell.start("api", "--port", str(self.port))
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            with suppress(httpx.HTTPError):
                if httpx.get(f"{self.url}/ready", timeout=5).status_code == httpx.codes.OK:
                    return self.command
            time.sleep(0.1)
        raise AssertionError(f"the API is not ready: {self.command.wait(1)}")

    def stop(self) -> None:
        """End it."""
        if self.command and self.command.is_running:
            self.command.send(signal.SIGTERM)


class Controller(threading.Thread):
    """Decides until it is stopped; answers that are no sentence are in `complaints`."""

    def __init__(self, world: World, api: Api, random: Random) -> None:
        super().__init__(daemon=True)
        self._world, self._api, self._random = world, api, random
        self._stopped = threading.Event()
        self.complaints: list[str] = []

    def stop(self) -> None:
        """Decide no more."""
        self._stopped.set()
        self.join(60)

    def run(self) -> None:
        """Read where the alerts stand, make an entry on one, and again."""
        while not self._stopped.is_set():
            try:
                self._decide_until_lost()
            except (httpx.HTTPError, psycopg2.Error, ServerError, LookupError):
                time.sleep(0.1)

    def _decide_until_lost(self) -> None:
        session = self._world.postgres()
        with httpx.Client(base_url=self._api.url, timeout=30) as client:
            while not self._stopped.is_set():
                with session.cursor() as cursor:
                    cursor.execute(NEWEST)
                    self._decide(client, *self._random.choice(cursor.fetchall()))

    def _decide(self, client: httpx.Client, alert: str, sequence: int, state: str) -> None:
        answer = client.post(
            f"/spend/alerts/{alert}/decisions", json={"sequence": sequence, **self._entry(state)}
        )
        if answer.status_code == httpx.codes.CREATED:
            self._world.decided.append((alert, sequence + 1))
        elif not _is_sentence(answer):
            self.complaints.append(f"the API answered {answer.status_code}: {answer.text[:300]}")

    def _entry(self, state: str) -> dict[str, Any]:
        if self._random.random() < 0.4:
            return {"kind": "comment", "reason": "seen"}
        if state in MOVES:
            return {"kind": "decide", "state": MOVES[state], "reason": "as the receipts show"}
        return {"kind": "undo", "reason": "look again"}


def _is_sentence(answer: httpx.Response) -> bool:
    is_problem = answer.headers.get("content-type", "").startswith("application/problem+json")
    return is_problem and "Traceback" not in answer.text and bool(answer.json().get("detail"))
