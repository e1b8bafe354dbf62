"""Servers that run: an API in a thread, on a port of its own; a module that listens and ends."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import uvicorn

LISTENING = """\
import socket, sys, time
with socket.create_server(("127.0.0.1", int(sys.argv[-1]))):
    time.sleep({seconds})
"""


def stand_in(folder: Path, module: str, seconds: float) -> None:
    """A module in a folder that, in a program's place, listens on its last argument for a while."""
    path = folder / f"{module.replace('.', '/')}.py"
    path.parent.mkdir(parents=True)
    for parent in path.relative_to(folder).parents[:-1]:
        (folder / parent / "__init__.py").touch()
    path.write_text(LISTENING.format(seconds=seconds), encoding="utf-8")


@contextmanager
def running(app: Any) -> Iterator[str]:
    """Address of a server of the app, until the end."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        config = uvicorn.Config(app, log_level="critical", server_header=False, lifespan="off")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join()


@contextmanager
def calling(app: Any) -> Iterator[httpx.Client]:
    """A client of a running server of the app."""
    with running(app) as address, httpx.Client(base_url=address, timeout=30) as client:
        yield client
