"""Bearer tokens: made, listed, revoked, and who comes in with one.

A token is `txp_<id>_<secret>`. The secret has 256 random bits, so a plain SHA-256 of it is as safe
as a slow hash of a password would be.
"""

import secrets
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from hmac import compare_digest
from typing import NamedTuple

from sqlalchemy import Engine, func, insert, select, update

from txplatform.errors import UsageError
from txplatform.serving.tables import api_tokens

PREFIX = "txp"
SECRET_BYTES = 32
LONGEST_NAME = 200
LONGEST_LIFE = timedelta(days=3_660)
NOBODYS_HASH = sha256(b"").hexdigest()


class Role(StrEnum):
    """What a token lets its bearer do; each role may do what those before it may."""

    READER = "reader"
    CONTROLLER = "controller"
    ADMIN = "admin"


class Person(NamedTuple):
    """Who came in."""

    name: str
    role: Role

    def may(self, role: Role) -> bool:
        """Whether this person may do what takes a role."""
        return list(Role).index(self.role) >= list(Role).index(role)


class Token(NamedTuple):
    """A token as it is listed, without its secret."""

    token_id: str
    name: str
    role: Role
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None

    def is_good(self, now: datetime) -> bool:
        """Whether it lets anybody in."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


def create(
    engine: Engine, name: str, role: Role, life: timedelta | None = None
) -> tuple[str, Token]:
    """Make a token; its text is returned this once and kept nowhere.

    Args:
        engine: PostgreSQL.
        name: whom decisions made with it name.
        role: what it lets its bearer do.
        life: how long it is good; None: until it is revoked.

    Raises:
        UsageError: the name is blank or too long, or the token would never be good.
    """
    who = " ".join(name.split())
    if not who.isprintable() or not 0 < len(who) <= LONGEST_NAME:
        raise UsageError(f"A name has 1 to {LONGEST_NAME} printable characters.")
    if life is not None and not timedelta(0) < life <= LONGEST_LIFE:
        raise UsageError(f"A token is good for 1 to {LONGEST_LIFE.days:,} days, or for ever.")
    token_id, secret = secrets.token_hex(4), secrets.token_urlsafe(SECRET_BYTES)
    now = datetime.now(UTC)
    token = Token(token_id, who, role, now, now + life if life else None, None)
    values = {**token._asdict(), "role": role.value, "secret_hash": _hash(secret)}
    with engine.begin() as connection:
        connection.execute(insert(api_tokens).values(values))
    return f"{PREFIX}_{token_id}_{secret}", token


def list_tokens(engine: Engine, limit: int | None = None) -> list[Token]:
    """Every token ever made, the newest first; the newest `limit` of them where it is given."""
    names = (api_tokens.c[name] for name in Token._fields)
    statement = select(*names).order_by(api_tokens.c.created_at.desc(), api_tokens.c.token_id)
    with engine.connect() as connection:
        rows = connection.execute(statement.limit(limit)).all()
    return [Token(*row)._replace(role=Role(row.role)) for row in rows]


def revoke(engine: Engine, token_id: str) -> None:
    """Let nobody in with a token any more; revoking it again changes nothing.

    Raises:
        UsageError: there is no such token.
    """
    own = api_tokens.c.token_id == token_id
    now = func.coalesce(api_tokens.c.revoked_at, func.now())
    with engine.begin() as connection:
        if not connection.execute(update(api_tokens).where(own).values(revoked_at=now)).rowcount:
            raise UsageError(f"There is no token {token_id!r}: `txplatform token list` has them.")


def are_there(engine: Engine) -> bool:
    """Whether a token was ever made: from then on nobody comes in without one."""
    with engine.connect() as connection:
        return connection.execute(select(api_tokens.c.token_id).limit(1)).first() is not None


def find(engine: Engine, text: str) -> Person | None:
    """Whom a token names; None where it is unknown, expired, revoked or no token at all."""
    prefix, _, rest = text.partition("_")
    token_id, _, secret = rest.partition("_")
    is_token = prefix == PREFIX and text.isascii() and text.isprintable()
    names = (*Token._fields, "secret_hash")
    statement = select(*(api_tokens.c[name] for name in names))
    with engine.connect() as connection:
        own = api_tokens.c.token_id == (token_id if is_token else "")
        row = connection.execute(statement.where(own)).first()
    # An unknown id takes as long as a wrong secret.
    is_right = compare_digest(row.secret_hash if row else NOBODYS_HASH, _hash(secret))
    if row is None or not is_right or not Token(*row[:-1]).is_good(datetime.now(UTC)):
        return None
    return Person(row.name, Role(row.role))


def _hash(secret: str) -> str:
    return sha256(secret.encode(errors="replace")).hexdigest()
