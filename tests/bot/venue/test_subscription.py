from bot.venue.subscription import batches


def test_channels_are_asked_for_by_class() -> None:
    asked = ["user.orders.any.any.raw", "book.A.raw", "book.A.100ms", "ticker.A.100ms"]
    assert batches(asked) == (
        ("book.A.100ms",),
        ("book.A.raw",),
        ("ticker.A.100ms",),
        ("user.orders.any.any.raw",),
    )


def test_call_carries_at_most_500_channels() -> None:
    sizes = [len(batch) for batch in batches(f"book.{n}.100ms" for n in range(1_201))]
    assert sizes == [500, 500, 201]


def test_call_stays_inside_the_frame_limit() -> None:
    asked = [f"ticker.{n:060d}.100ms" for n in range(500)]
    found = batches(asked)
    assert sorted(channel for batch in found for channel in batch) == asked
    assert all(sum(len(c) + 3 for c in batch) <= 24_000 for batch in found)


def test_channel_asked_for_twice_is_asked_once() -> None:
    assert batches(["book.A.100ms", "book.A.100ms"]) == (("book.A.100ms",),)
    assert batches([]) == ()
