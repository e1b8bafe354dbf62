"""A controller who decides through the API without a pause, and notes what was acknowledged."""

import signal
import socket
import threading
import time
from contextlib import suppress
from random import Random
from typing import Any
from uuid import uuid4

import httpx
import psycopg2

from txplatform.errors import ServerError
from txplatform_tests.faults.forked import Command
from txplatform_tests.faults.installation import World

START_SECONDS = 60
NEWEST = """
    SELECT a.case_id, a.alert_id, coalesce(max(d.sequence), 0) AS sequence,
        coalesce((array_agg(d.state ORDER BY d.sequence DESC))[1], 'open') AS state
    FROM alerts a LEFT JOIN decisions d USING (alert_id)
    GROUP BY a.alert_id ORDER BY md5(a.alert_id) LIMIT 30"""
OF_CASE = "of a case of "
"""How the reason of an entry begins that was made on all alerts of a case; their number follows."""
ON_CASES = 0.3
MOVES = {"open": "in_review", "in_review": "abusive"}


Row = tuple[str, str, int, str]


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
                    rows = cursor.fetchall()
                self._decide(client, rows, self._random.choice(rows))

    def _decide(self, client: httpx.Client, rows: list[Row], chosen: Row) -> None:
        case, alert, sequence, state = chosen
        about, entry = {alert: sequence}, {"sequence": sequence, **self._entry(state)}
        path = f"/spend/alerts/{alert}/decisions"
        if case != alert and self._random.random() < ON_CASES:
            about = {row[1]: row[2] for row in rows if row[0] == case}
            seen = [{"alert_id": one, "sequence": last} for one, last in about.items()]
            entry = {
                "kind": "comment",
                "reason": f"{OF_CASE}{len(seen)}: {uuid4()}",
                "alerts": seen,
            }
            path = f"/spend/cases/{case}/decisions"
        answer = client.post(path, json=entry)
        if answer.status_code == httpx.codes.CREATED:
            self._world.decided.extend((one, last + 1) for one, last in about.items())
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
