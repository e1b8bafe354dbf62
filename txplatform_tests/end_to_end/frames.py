"""A dashboard's pages as a browser receives them, without one: the HTML and the socket's frames."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

SECONDS = 60


@contextmanager
def reading(address: str) -> Iterator[Callable[[str], bytes]]:
    """One reader's socket: `page("spend-health")` is all that comes until the page is drawn."""
    url = f"{address.replace('http', 'ws', 1)}/_stcore/stream"
    with connect(url, max_size=None, origin=Origin(address)) as socket:
        yield lambda path: b"\n".join(_frames(socket, path))


def html(address: str, path: str = "") -> str:
    """What a request for a page is answered with, before any socket."""
    return httpx.get(f"{address}/{path}", timeout=SECONDS).text


def _frames(socket: ClientConnection, path: str) -> Iterator[bytes]:
    wanted = BackMsg()
    wanted.rerun_script.page_name = path
    socket.send(wanted.SerializeToString())
    while True:
        frame = bytes(socket.recv(SECONDS, decode=False))
        yield frame
        if ForwardMsg.FromString(frame).HasField("script_finished"):
            return
