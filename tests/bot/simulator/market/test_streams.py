"""Named random streams."""

from bot.simulator.market.streams import slot_of, stream


def test_a_stream_is_known_by_seed_and_name() -> None:
    first = [stream(7, name="path/BTC/1").random() for _ in range(2)]
    assert first[0] == first[1]
    others = {stream(7, name="path/BTC/2").random(), stream(8, name="path/BTC/1").random()}
    assert first[0] not in others


def test_a_name_always_has_the_same_slot() -> None:
    # SHA-256("abc") begins with ba7816bf (FIPS 180-2)
    assert slot_of("abc", slots=1000) == 0xBA7816BF % 1000
