"""A TCP proxy before PostgreSQL that cuts the connection in the middle of a COPY."""

import socket
import struct
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self

COPY = b'COPY "'
CHUNK = 65_536
RESET = struct.pack("ii", 1, 0)
"""SO_LINGER that makes closing a reset, as a cable that is pulled."""


class CuttingProxy:
    """Listens on loopback, forwards to a port of it, and cuts the first COPY that it sees."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])
        self.has_cut = threading.Event()
        self._sockets: list[socket.socket] = []

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close(self._listening, *self._sockets)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                server = socket.create_connection(("127.0.0.1", self._target))
                self._sockets += [client, server]
                for source, target in ((client, server), (server, client)):
                    threading.Thread(
                        target=self._forward, args=(source, target), daemon=True
                    ).start()

    def _forward(self, source: socket.socket, target: socket.socket) -> None:
        is_copying = False
        with suppress(OSError):
            while chunk := source.recv(CHUNK):
                if is_copying and not self.has_cut.is_set():
                    self.has_cut.set()
                    target.sendall(chunk[: len(chunk) // 2])
                    break
                is_copying = COPY in chunk
                target.sendall(chunk)
        self._close(source, target)

    @staticmethod
    def _close(*sockets: socket.socket) -> None:
        for one in sockets:
            with suppress(OSError):
                one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                one.shutdown(socket.SHUT_RDWR)
            one.close()
