"""Tokens: shown once, kept as hashes, expired and revoked ones let nobody in."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, select, text

from txplatform.errors import UsageError
from txplatform.serving import tokens
from txplatform.serving.tables import api_tokens
from txplatform.serving.tokens import Person, Role


def expire(engine: Engine) -> None:
    """Let every token be over."""
    over = datetime.now(UTC) - timedelta(seconds=1)
    with engine.begin() as connection:
        connection.execute(api_tokens.update().values(expires_at=over))


def test_a_token_says_who_comes_in(engine: Engine) -> None:
    made, token = tokens.create(engine, " Ada  Lovelace ", Role.CONTROLLER)

    assert tokens.find(engine, made) == Person("Ada Lovelace", Role.CONTROLLER)
    assert made.startswith(f"txp_{token.token_id}_")
    assert tokens.list_tokens(engine) == [token]


def test_no_secret_is_kept(engine: Engine) -> None:
    made, _ = tokens.create(engine, "Ada", Role.ADMIN)
    secret = made.split("_", 2)[2]

    with engine.connect() as connection:
        kept = connection.execute(text("SELECT t::text FROM api_tokens t")).scalar_one()

    assert secret not in kept
    assert len(secret) >= 43, "256 bits"


def test_two_tokens_of_one_person_are_two(engine: Engine) -> None:
    assert len({tokens.create(engine, "Ada", Role.READER)[0] for _ in range(5)}) == 5


@pytest.mark.parametrize("part", [0, 1, 2])
def test_a_token_with_another_part_is_unknown(engine: Engine, part: int) -> None:
    made, _ = tokens.create(engine, "Ada", Role.READER)
    parts = made.split("_", 2)
    parts[part] = f"{parts[part]}x"

    assert tokens.find(engine, "_".join(parts)) is None


@pytest.mark.parametrize(
    "found", ["", "txp", "txp__", "txp_\0_x", "txp_é_x", "txp_' OR 1=1 --_x", "\ud800", "_" * 9_999]
)
def test_what_is_no_token_lets_nobody_in(engine: Engine, found: str) -> None:
    tokens.create(engine, "Ada", Role.READER)

    assert tokens.find(engine, found) is None


def test_an_expired_token_lets_nobody_in(engine: Engine) -> None:
    made, token = tokens.create(engine, "Ada", Role.READER, timedelta(days=1))
    assert token.expires_at == token.created_at + timedelta(days=1)

    expire(engine)

    assert tokens.find(engine, made) is None


def test_a_revoked_token_lets_nobody_in_and_stays_listed(engine: Engine) -> None:
    made, token = tokens.create(engine, "Ada", Role.READER)

    tokens.revoke(engine, token.token_id)
    revoked_at = tokens.list_tokens(engine)[0].revoked_at
    tokens.revoke(engine, token.token_id)

    assert tokens.find(engine, made) is None
    assert tokens.list_tokens(engine)[0].revoked_at == revoked_at, "when it was revoked first"
    assert tokens.are_there(engine), "nobody comes in without a token afterwards"


def test_a_token_that_is_not_there_is_not_revoked(engine: Engine) -> None:
    with pytest.raises(UsageError, match="There is no token 'x': `txplatform token list`"):
        tokens.revoke(engine, "x")
    assert not tokens.are_there(engine)


@pytest.mark.parametrize("name", ["", "  ", "x" * 201, "a\0b", "a\u202eb"])
def test_a_name_can_be_read(engine: Engine, name: str) -> None:
    with pytest.raises(UsageError, match="1 to 200 printable characters"):
        tokens.create(engine, name, Role.READER)


@pytest.mark.parametrize("life", [timedelta(0), timedelta(days=-1), timedelta(days=3_661)])
def test_a_token_is_good_for_a_while(engine: Engine, life: timedelta) -> None:
    with pytest.raises(UsageError, match="good for 1 to 3,660 days"):
        tokens.create(engine, "Ada", Role.READER, life)

    with engine.connect() as connection:
        assert connection.execute(select(api_tokens)).all() == []


@pytest.mark.parametrize(
    ("role", "may"),
    [
        (Role.READER, [True, False, False]),
        (Role.CONTROLLER, [True, True, False]),
        (Role.ADMIN, [True, True, True]),
    ],
)
def test_each_role_may_do_what_those_before_it_may(role: Role, may: list[bool]) -> None:
    assert [Person("Ada", role).may(one) for one in Role] == may
