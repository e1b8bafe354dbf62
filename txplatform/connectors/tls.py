"""TLS to PostgreSQL: a server beyond this machine proves who it is, unless its address says else.

libpq by itself only prefers encryption, and believes whoever answers.
"""

import ssl
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path

from sqlalchemy import URL

from txplatform.settings import variable

VERIFIED = "verify-full"
OWN_AUTHORITIES = Path("~/.postgresql/root.crt")
"""Where libpq looks for authorities by itself."""


def verified(address: URL) -> URL:
    """The address with certificate and name of the server verified.

    As it is where it names this machine only, or where it, a service file or PGSSLMODE says which
    TLS is wanted.
    """
    is_said = "sslmode" in address.query or "service" in address.query or variable("PGSSLMODE")
    if is_said or all(map(_is_here, _hosts(address))):
        return address
    authorities = {} if _are_named(address) else _of_the_machine()
    return address.update_query_dict({"sslmode": VERIFIED, **authorities})


def _hosts(address: URL) -> Iterator[str]:
    """Every host that an address names; without any, libpq uses PGHOST or its socket."""
    named = [address.host, *address.normalized_query.get("host", ())]
    hosts = [one for part in filter(None, named) for one in part.split(",")]
    yield from hosts or [variable("PGHOST") or "localhost"]


def _is_here(host: str) -> bool:
    """Whether a host is a socket or loopback; a port may stand behind it."""
    name = host if host.count(":") > 1 else host.partition(":")[0]
    if name.startswith(("/", "@")) or name == "localhost":
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


def _are_named(address: URL) -> bool:
    is_said = "sslrootcert" in address.query or bool(variable("PGSSLROOTCERT"))
    return is_said or OWN_AUTHORITIES.expanduser().exists()


def _of_the_machine() -> dict[str, str]:
    """The authorities that this machine trusts; the libpq of psycopg2 does not know its file."""
    file = ssl.get_default_verify_paths().cafile
    return {"sslrootcert": file} if file else {}
