"""A mount whose server is dead or silent: a real FUSE file system that nobody serves."""

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

DETACH = 2


@contextmanager
def unserved(folder: Path, *, is_silent: bool) -> Iterator[Path]:
    """A file below a mount whose server keeps silent, or has gone; skips where that is denied."""
    libc = ctypes.CDLL(None, use_errno=True)
    folder.mkdir()
    try:
        server = os.open("/dev/fuse", os.O_RDWR)
    except OSError as error:
        pytest.skip(f"no FUSE here: {error}")
    options = f"fd={server},rootmode=40000,user_id={os.getuid()},group_id={os.getgid()}"
    place = os.fsencode(folder)
    if libc.mount(b"unserved", place, b"fuse", 0, options.encode()):
        os.close(server)
        pytest.skip(f"mounting is denied here: {os.strerror(ctypes.get_errno())}")
    if not is_silent:
        os.close(server)
    try:
        yield folder / "purchases.csv"
    finally:
        if is_silent:
            os.close(server)  # whoever waits is told that the connection has gone
        libc.umount2(place, DETACH)
