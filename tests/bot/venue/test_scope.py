import pytest

from bot.venue.scope import mismatches

ASKED = "session:engine trade:read_write account:read wallet:none"


@pytest.mark.parametrize(
    ("granted", "expected"),
    [
        ("account:read session:engine trade:read_write wallet:none", ()),
        ("account:read block_trade:none mainaccount name:x trade:read_write", ()),
        ("account:read trade:read", ("trade: asked read_write, granted read",)),
        (
            "account:read trade:read_write wallet:read_write",
            ("wallet: asked none, granted read_write",),
        ),
        (
            "connection",
            ("account: asked read, granted none", "trade: asked read_write, granted none"),
        ),
    ],
)
def test_grant_is_compared_in_both_directions(granted: str, expected: tuple[str, ...]) -> None:
    assert mismatches(ASKED, granted=granted) == expected
