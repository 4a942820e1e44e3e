"""Keys, signatures, tokens."""

import pytest

from bot.domain.ids import AccountId
from bot.simulator.auth import Gatekeeper, Grant, Key, signature_of
from bot.simulator.refusal import Refused
from bot.simulator.scope import granted

KEY = Key(
    client_id="AMANDA",
    secret="AMANDASECRECT",
    account=AccountId("main"),
    name="trade",
    scope="trade:read_write account:read",
)
STAMP = 1_576_074_319_000


class Door:
    """A gatekeeper with a clock of its own."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self._count = 0
        self.keeper = Gatekeeper({KEY.client_id: KEY}, now_s=lambda: self.now_s, token=self._next)

    def _next(self) -> str:
        self._count += 1
        return f"t{self._count}"

    def signed(self, *, nonce: str = "1iqt2wls", late_ms: int = 0, data: str = "") -> Key | Refused:
        message = f"{STAMP}\n{nonce}\n{data}"
        return self.keeper.by_signature(
            KEY.client_id,
            timestamp_ms=STAMP,
            nonce=nonce,
            rest=data,
            signature=signature_of(KEY.secret, message=message),
            now_ms=STAMP + late_ms,
        )

    def grant(self, scope: str, *, connection: str | None = "c1") -> Grant:
        made = self.keeper.grant(KEY, asked=scope, connection=connection)
        assert isinstance(made, Grant)
        return made


@pytest.fixture
def door() -> Door:
    return Door()


def code(result: object) -> int | None:
    return result.code if isinstance(result, Refused) else None


def test_the_signature_is_the_venue_s_own_vector() -> None:
    assert (
        signature_of(KEY.secret, message=f"{STAMP}\n1iqt2wls\n")
        == "56590594f97921b09b18f166befe0d1319b198bbcdad7ca73382de2f88fe9aa1"
    )


def test_a_signature_holds_for_a_minute_and_its_nonce_once(door: Door) -> None:
    assert door.signed() is KEY
    assert code(door.signed()) == 13004
    assert door.signed(nonce="other", late_ms=60_000) is KEY
    assert code(door.signed(nonce="late", late_ms=60_001)) == 13004
    assert door.signed(nonce="data", data="more") is KEY


def test_a_wrong_secret_or_id_is_refused_alike(door: Door) -> None:
    assert door.keeper.by_credentials("AMANDA", secret=KEY.secret) is KEY
    assert code(door.keeper.by_credentials("AMANDA", secret="no")) == 13004
    assert code(door.keeper.by_credentials("NOBODY", secret=KEY.secret)) == 13004


@pytest.mark.parametrize(
    ("asked", "has"),
    [
        ("session:e", "account:read block_rfq:none block_trade:none custody:none mainaccount "
         "name:trade session:e trade:read_write wallet:none"),
        ("", "account:read block_rfq:none block_trade:none connection custody:none mainaccount "
         "name:trade trade:read_write wallet:none"),
        ("trade:read wallet:read_write account:read_write",
         "account:read block_rfq:none block_trade:none connection custody:none mainaccount "
         "name:trade trade:read wallet:none"),
    ],
)  # fmt: skip
def test_a_scope_is_only_ever_narrowed(door: Door, asked: str, has: str) -> None:
    assert granted(door.grant(asked).scope, key_name="trade") == has


def test_a_scope_that_makes_no_sense_is_refused(door: Door) -> None:
    assert code(door.keeper.grant(KEY, asked="trade:all", connection=None)) == -32602


def test_a_token_dies_with_time(door: Door) -> None:
    token = door.grant("session:e").access_token
    door.now_s = 899.9
    assert isinstance(door.keeper.by_token(token, connection="c2"), Grant)
    door.now_s = 900.0
    refused = door.keeper.by_token(token, connection="c2")
    assert isinstance(refused, Refused)
    assert (refused.code, refused.data) == (13009, {"reason": "invalid_token"})


def test_a_connection_token_is_of_no_use_elsewhere_and_dies_with_it(door: Door) -> None:
    token = door.grant("").access_token
    assert isinstance(door.keeper.by_token(token, connection="c1"), Grant)
    assert code(door.keeper.by_token(token, connection="c2")) == 13009
    assert code(door.keeper.by_token(token, connection=None)) == 13009
    door.keeper.forget_connection("c1")
    assert code(door.keeper.by_token(token, connection="c1")) == 13009


def test_a_refresh_gives_a_new_pair_and_ends_the_old(door: Door) -> None:
    first = door.grant("session:e trade:read")
    second = door.keeper.refresh(first.refresh_token, connection="c9")
    assert isinstance(second, Grant)
    assert second.scope == first.scope
    assert code(door.keeper.by_token(first.access_token, connection="c1")) == 13009
    assert code(door.keeper.refresh(first.refresh_token, connection="c1")) == 13009
    assert isinstance(door.keeper.by_token(second.access_token, connection="c1"), Grant)


def test_secrets_do_not_show_in_text(door: Door) -> None:
    assert KEY.secret not in repr(KEY)
    assert "t1" not in repr(door.grant(""))
