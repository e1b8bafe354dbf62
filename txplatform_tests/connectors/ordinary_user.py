"""Being an ordinary user for a while: root, as tests in a container run, may do everything."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

NOBODY = 65_534


@contextmanager
def ordinary_user() -> Iterator[None]:
    """The block has an ordinary user's rights; whoever is one already keeps theirs."""
    is_root = os.geteuid() == 0
    if is_root:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if is_root:
            os.seteuid(0)
