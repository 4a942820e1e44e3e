import random
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial
from itertools import pairwise
from typing import Any

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from bot.domain.report import IndexPrice
from bot.venue.event import (
    Connected,
    Disconnected,
    Garbled,
    Missing,
    Protected,
    Reported,
    Subscribed,
    Unmatched,
)
from bot.venue.purse import Purse
from bot.venue.reply import NoReply, NotSent, Ok, Refused, Reply
from bot.venue.secret import Credentials, Secret
from bot.venue.session import Session, Terms
from tests.bot.venue.scripted import (
    ARMED,
    VENUE_MS,
    Listener,
    ScriptedClock,
    ScriptedVenue,
    beat,
    error,
    notification,
    result,
)

NOW_MS = 1_576_074_319_000
SCOPE = "session:test trade:read_write account:read_write wallet:none"
INDEX = "deribit_price_index.btc_usd"
INDEX_DATA = {"timestamp": 1_769_000_000_500, "price": 89011.27, "index_name": "btc_usd"}


class World:
    """A session, the venue it talks to, and what it told."""

    def __init__(self) -> None:
        self.venue = ScriptedVenue()
        self.heard = Listener()
        self.clock = ScriptedClock(NOW_MS)
        self.replies: list[Reply] = []
        self.session = Session(
            dial=self.venue.dial,
            terms=Terms(
                credentials=Credentials(client_id="AMANDA", secret=Secret("AMANDASECRECT")),
                scope=SCOPE,
                is_testnet=True,
                is_cancelled_on_disconnect=True,
            ),
            sink=self.heard,
            purse=Purse(),
            draw=random.Random(7),  # noqa: S311  # jitter, and a nonce that the script ignores
            clock=self.clock,
        )

    async def ask(self, method: str, *, deadline_s: float = 5.0) -> None:
        self.replies.append(await self.session.call(method, {}, deadline_s=deadline_s))

    async def order(self, *, deadline_s: float = 5.0) -> None:
        reply = await self.session.call_order("private/buy", {"amount": 1}, deadline_s=deadline_s)
        self.replies.append(reply)


@asynccontextmanager
async def running(world: World) -> AsyncGenerator[trio.Nursery]:
    async with trio.open_nursery() as nursery:
        nursery.start_soon(world.session.run)
        yield nursery
        nursery.cancel_scope.cancel()


@pytest.fixture
def world() -> World:
    return World()


@pytest.mark.trio
async def test_connection_is_authenticated_armed_and_then_told(
    autojump_clock: MockClock, world: World
) -> None:
    async with running(world):
        assert await world.heard.nth(Connected, 1) == Connected(epoch=1)
        methods = [request["method"] for request in world.venue.requests]
        assert methods == [
            "public/get_time",
            "public/auth",
            "public/set_heartbeat",
            "private/enable_cancel_on_disconnect",
        ]
        _, auth, heartbeat, protection = (request["params"] for request in world.venue.requests)
        assert auth["grant_type"] == "client_signature"
        # Signed with the venue's time: this machine's own is years behind.
        assert auth["timestamp"] == VENUE_MS
        assert "AMANDASECRECT" not in str(world.venue.requests)
        assert heartbeat == {"interval": 10}
        assert protection == {"scope": "connection"}


@pytest.mark.trio
@pytest.mark.rule("C-507")
@pytest.mark.parametrize(
    "answer",
    [
        lambda r: [error(r, 11051, "system_maintenance")],
        lambda r: [result(r, "noon")],
        lambda _: [],
    ],
)
async def test_a_login_never_depends_on_the_venues_time(
    autojump_clock: MockClock, world: World, answer: Any
) -> None:
    world.venue.answers["public/get_time"] = answer
    async with running(world):
        await world.heard.nth(Connected, 1)
    (auth,) = world.venue.asked("public/auth")
    assert auth["params"]["timestamp"] == NOW_MS  # the best that is known


@pytest.mark.trio
@pytest.mark.rule("C-508")
async def test_a_login_that_the_venue_has_forgotten_is_made_anew(
    autojump_clock: MockClock, world: World
) -> None:
    lost = lambda r: [error(r, 13009, "unauthorized")]  # noqa: E731  # a script
    world.venue.answers["private/get_positions"] = lost
    async with running(world):
        await world.heard.nth(Connected, 1)
        await world.ask("private/get_positions")
        await world.heard.nth(Connected, 2)
    assert world.replies == [Refused(code=13009, message="unauthorized")]
    first = next(iter(world.heard.all(Disconnected)))
    assert first.why == ("the login is not valid any more")
    assert len(world.venue.asked("private/enable_cancel_on_disconnect")) == 2


@pytest.mark.trio
@pytest.mark.rule("C-505")
async def test_each_connection_is_protected_by_the_venues_own_word(
    autojump_clock: MockClock, world: World
) -> None:
    async with running(world):
        assert await world.heard.nth(Protected, 1) == Protected(epoch=1)
        world.venue.link.say.close()
        assert await world.heard.nth(Protected, 2) == Protected(epoch=2)
    asked = world.venue.asked("private/get_cancel_on_disconnect")
    assert [request["params"] for request in asked] == [{"scope": "connection"}] * 2
    armed = world.venue.asked("private/enable_cancel_on_disconnect")
    assert [request["params"] for request in armed] == [{"scope": "connection"}] * 2


@pytest.mark.trio
@pytest.mark.rule("C-505")
@pytest.mark.parametrize(
    "answer",
    [
        lambda r: [result(r, {"scope": "connection", "enabled": False})],
        lambda r: [result(r, {"scope": "account", "enabled": True})],
        lambda r: [result(r, "ok")],
        lambda r: [error(r, 11051, "system_maintenance")],
        lambda _: [],
    ],
    ids=["not armed", "another scope", "no sense", "an error", "silence"],
)
async def test_without_a_clear_yes_it_is_armed_again_on_the_same_connection(
    autojump_clock: MockClock, world: World, answer: Any
) -> None:
    world.venue.answers["private/get_cancel_on_disconnect"] = answer
    async with running(world):
        await world.heard.nth(Connected, 1)
        await trio.sleep(18)
        assert world.heard.all(Protected) == []
        assert len(world.venue.asked("private/enable_cancel_on_disconnect")) >= 2
        world.venue.answers["private/get_cancel_on_disconnect"] = lambda r: [result(r, ARMED)]
        assert await world.heard.nth(Protected, 1) == Protected(epoch=1)
        assert world.heard.all(Disconnected) == [], "exits need the line, with the net or without"


@pytest.mark.trio
async def test_narrower_scope_than_asked_ends_the_connection(
    autojump_clock: MockClock, world: World
) -> None:
    grant = {"expires_in": 900, "refresh_token": "r", "scope": "trade:read account:read_write"}
    world.venue.answers["public/auth"] = lambda r: [result(r, grant)]
    async with running(world):
        gone = await world.heard.nth(Disconnected, 1)
        assert "trade: asked read_write, granted read" in gone.why
        assert world.heard.all(Connected) == []


@pytest.mark.trio
async def test_refused_credentials_are_not_hammered(
    autojump_clock: MockClock, world: World
) -> None:
    world.venue.answers["public/auth"] = lambda r: [error(r, 13004, "invalid_credentials")]
    async with running(world):
        await world.heard.nth(Disconnected, 4)
        assert world.session.refusals == (4, "auth refused: 13004 invalid_credentials")
    gaps = [b - a for a, b in pairwise(world.venue.dialled_at)]
    assert all(gap >= 15 for gap in gaps)  # at least half of the longest wait of 30 s


@pytest.mark.trio
@pytest.mark.rule("C-006")
async def test_a_login_that_succeeds_ends_the_row_of_refusals(
    autojump_clock: MockClock, world: World
) -> None:
    usual = world.venue.answers["public/auth"]
    world.venue.answers["public/auth"] = lambda r: [error(r, 13004, "invalid_credentials")]
    async with running(world):
        await world.heard.nth(Disconnected, 2)
        assert world.session.refusals[0] == 2
        world.venue.answers["public/auth"] = usual
        await world.heard.nth(Connected, 1)
        assert world.session.refusals == (0, "")


@pytest.mark.trio
@pytest.mark.rule("C-006", "C-508")
@pytest.mark.parametrize(
    ("code", "is_about_key", "is_in_maintenance"),
    [
        (13004, True, False),
        (13021, True, False),
        (11051, False, True),
        (10028, False, False),
        (13028, False, False),
    ],
)
async def test_only_what_is_said_of_the_key_counts_as_its_refusal(
    autojump_clock: MockClock,
    world: World,
    code: int,
    is_about_key: bool,
    is_in_maintenance: bool,
) -> None:
    usual = world.venue.answers["public/auth"]
    world.venue.answers["public/auth"] = lambda r: [error(r, code, "no")]
    async with running(world):
        await world.heard.nth(Disconnected, 3)
        assert world.session.refusals[0] == (3 if is_about_key else 0)
        assert world.session.is_in_maintenance is is_in_maintenance
        world.venue.answers["public/auth"] = usual
        await world.heard.nth(Connected, 1)
        assert not world.session.is_in_maintenance


@pytest.mark.trio
@pytest.mark.rule("C-006")
async def test_a_login_without_an_answer_is_no_refusal(
    autojump_clock: MockClock, world: World
) -> None:
    world.venue.answers["public/auth"] = lambda _r: []
    async with running(world):
        await world.heard.nth(Disconnected, 2)
        assert world.session.refusals == (0, "")


@pytest.mark.trio
@pytest.mark.rule("C-508")
async def test_silence_is_counted_from_the_last_frame_of_a_line_that_is_up(
    autojump_clock: MockClock, world: World
) -> None:
    assert world.session.silence_ms is None
    world.venue.answers["public/status"] = lambda r: [result(r, {"locked": "false"})]
    async with running(world):
        await world.heard.nth(Connected, 1)
        await wait_all_tasks_blocked()
        await trio.sleep(4)
        assert world.session.silence_ms == 4_000
        await world.session.call("public/status", {}, deadline_s=5)
        assert world.session.silence_ms == 0


@pytest.mark.trio
async def test_unarmed_heartbeat_or_protection_is_no_connection(
    autojump_clock: MockClock, world: World
) -> None:
    refuse = lambda r: [error(r, 10049, "cancel_on_disconnect_failed")]  # noqa: E731  # a script
    world.venue.answers["private/enable_cancel_on_disconnect"] = refuse
    async with running(world):
        gone = await world.heard.nth(Disconnected, 1)
        assert "enable_cancel_on_disconnect" in gone.why
        assert world.heard.all(Connected) == []


@pytest.mark.trio
async def test_other_environment_than_configured_ends_the_connection(
    autojump_clock: MockClock, world: World
) -> None:
    world.venue.answers["public/auth"] = lambda r: [result(r, {}, testnet=False)]
    async with running(world):
        gone = await world.heard.nth(Disconnected, 1)
        assert gone.why == "the venue says testnet=False, expected True"


@pytest.mark.trio
async def test_call_before_any_connection_is_not_sent(
    autojump_clock: MockClock, world: World
) -> None:
    await world.order()
    assert world.replies == [NotSent(why="no connection")]


@pytest.mark.trio
async def test_replies_in_any_order_find_their_callers(
    autojump_clock: MockClock, world: World
) -> None:
    held: list[Any] = []

    def hold(request: Any) -> list[str]:
        held.append(request)
        return []

    world.venue.answers["public/status"] = hold
    answers: dict[str, Reply] = {}

    async def ask(name: str) -> None:
        answers[name] = await world.session.call("public/status", {"n": name}, deadline_s=5)

    async with running(world) as nursery:
        await world.heard.nth(Connected, 1)
        nursery.start_soon(ask, "first")
        nursery.start_soon(ask, "second")
        await wait_all_tasks_blocked()
        for request in sorted(held, key=lambda r: r["params"]["n"], reverse=True):
            world.venue.say(result(request, request["params"]["n"]))
        await wait_all_tasks_blocked()
    assert answers == {
        "first": Ok(result=b'"first"', us_in=1_000, us_out=1_100),
        "second": Ok(result=b'"second"', us_in=1_000, us_out=1_100),
    }


@pytest.mark.trio
async def test_notification_before_the_reply_and_after_it_are_both_told(
    autojump_clock: MockClock, world: World
) -> None:
    before, after = notification(INDEX, INDEX_DATA), notification(INDEX, INDEX_DATA)
    world.venue.answers["public/status"] = lambda r: [before, result(r, 1), after]
    async with running(world):
        await world.heard.nth(Connected, 1)
        await world.ask("public/status")
        await world.heard.nth(Reported, 2)
    assert world.replies == [Ok(result=b"1", us_in=1_000, us_out=1_100)]
    reported = world.heard.all(Reported)
    assert all(isinstance(event.report, IndexPrice) for event in reported)
    assert [event.channel for event in reported] == [INDEX, INDEX]


@pytest.mark.trio
@pytest.mark.rule("C-205")
async def test_lost_reply_is_doubt_and_never_not_sent(
    autojump_clock: MockClock, world: World
) -> None:
    async with running(world):
        await world.heard.nth(Connected, 1)
        await world.order()
        assert world.replies == [NoReply(why="no reply before the deadline")]
        assert len(world.venue.asked("private/buy")) == 1


@pytest.mark.trio
async def test_late_reply_is_told_as_unmatched(autojump_clock: MockClock, world: World) -> None:
    async with running(world):
        await world.heard.nth(Connected, 1)
        await world.order()
        request = world.venue.asked("private/buy")[0]
        world.venue.say(result(request, {}))
        assert await world.heard.nth(Unmatched, 1) == Unmatched(epoch=1, request_id=request["id"])


@pytest.mark.trio
async def test_second_reply_to_one_request_is_unmatched(
    autojump_clock: MockClock, world: World
) -> None:
    world.venue.answers["public/status"] = lambda r: [result(r, 1), result(r, 2)]
    async with running(world):
        await world.heard.nth(Connected, 1)
        await world.ask("public/status")
        await world.heard.nth(Unmatched, 1)
    assert world.replies == [Ok(result=b"1", us_in=1_000, us_out=1_100)]


@pytest.mark.trio
@pytest.mark.rule("C-205")
async def test_cut_after_the_send_leaves_every_request_in_doubt(
    autojump_clock: MockClock, world: World
) -> None:
    async with running(world) as nursery:
        await world.heard.nth(Connected, 1)
        nursery.start_soon(world.order)
        nursery.start_soon(world.order)
        await wait_all_tasks_blocked()
        world.venue.cut()
        await world.heard.nth(Disconnected, 1)
        await wait_all_tasks_blocked()
    assert world.replies == [NoReply(why="link closed: cut")] * 2


@pytest.mark.trio
async def test_link_that_breaks_inside_the_send_is_doubt(
    autojump_clock: MockClock, world: World
) -> None:
    def cut(_: Any) -> list[str]:
        world.venue.cut()
        return ["never said"]

    world.venue.answers["private/buy"] = cut
    async with running(world):
        await world.heard.nth(Connected, 1)
        await world.order()
    assert isinstance(world.replies[0], NoReply)


@pytest.mark.trio
async def test_send_cut_short_is_doubt_and_the_link_is_not_used_again(
    autojump_clock: MockClock, world: World
) -> None:
    async with running(world) as nursery:
        await world.heard.nth(Protected, 1)  # the line is quiet from here on
        world.venue.is_stuck = True
        nursery.start_soon(world.order)
        await wait_all_tasks_blocked()
        # Behind it in line: no byte of this one has left when its own deadline comes.
        reply = await world.session.call_order("private/sell", {}, deadline_s=1.0)
        assert reply == NotSent(why="the deadline came before the first byte")
        gone = await world.heard.nth(Disconnected, 1)
        assert gone.why == "a send was cut short"
        world.venue.is_stuck = False
        assert await world.heard.nth(Connected, 2) == Connected(epoch=2)
    assert world.replies == [NoReply(why="a send was cut short")]


@pytest.mark.trio
@pytest.mark.rule("C-007")
async def test_the_world_is_asked_again_when_the_line_has_kept_an_order_waiting(
    autojump_clock: MockClock, world: World
) -> None:
    why_not: list[str] = []
    replies: list[object] = []

    async def wait_in_line() -> None:
        replies.append(
            await world.session.call_order(
                "private/sell",
                {},
                deadline_s=60.0,
                still=lambda: why_not[0] if why_not else None,
            )
        )

    async with running(world) as nursery:
        await world.heard.nth(Protected, 1)  # the line is quiet from here on
        world.venue.is_slow = True
        nursery.start_soon(partial(world.session.call, "public/status", {}, deadline_s=60.0))
        await wait_all_tasks_blocked()
        nursery.start_soon(wait_in_line)
        await wait_all_tasks_blocked()
        why_not.append("the mode is KILL")
        await trio.sleep(10)
    assert replies == [NotSent(why="the mode is KILL")]
    assert world.venue.asked("private/sell") == []


@pytest.mark.trio
async def test_garbage_is_told_and_the_connection_lives(
    autojump_clock: MockClock, world: World
) -> None:
    async with running(world):
        await world.heard.nth(Connected, 1)
        world.venue.say("<html>maintenance</html>")
        world.venue.say('{"jsonrpc":"2.0","id":1,"result":1,"error":{"code":1,"message":"x"}}')
        world.venue.say(notification(INDEX, {"timestamp": "soon"}))
        world.venue.say(notification("announcements", {}))
        await world.heard.nth(Garbled, 4)
        channels = [event.channel for event in world.heard.all(Garbled)]
        assert channels == [None, None, INDEX, "announcements"]
        await world.ask("public/test")
    assert isinstance(world.replies[0], Ok)


@pytest.mark.trio
async def test_each_test_request_is_answered(autojump_clock: MockClock, world: World) -> None:
    async with running(world):
        await world.heard.nth(Connected, 1)
        for _ in range(3):
            world.venue.say(beat("test_request"))
            await trio.sleep(10)
        assert len(world.venue.asked("public/test")) == 3
        assert world.heard.all(Disconnected) == []


@pytest.mark.trio
async def test_silence_for_two_intervals_is_a_dead_link(
    autojump_clock: MockClock, world: World
) -> None:
    async with running(world):
        await world.heard.nth(Connected, 1)
        began_at = trio.current_time()
        gone = await world.heard.nth(Disconnected, 1)
        assert gone == Disconnected(epoch=1, why="no frame for 20 s")
        assert trio.current_time() - began_at == pytest.approx(20)


@pytest.mark.trio
async def test_heartbeats_alone_keep_the_link(autojump_clock: MockClock, world: World) -> None:
    async with running(world):
        await world.heard.nth(Connected, 1)
        for _ in range(10):
            await trio.sleep(10)
            world.venue.say(beat("heartbeat"))
        assert world.heard.all(Disconnected) == []


@pytest.mark.trio
async def test_token_is_refreshed_at_80_percent_of_its_life(
    autojump_clock: MockClock, world: World
) -> None:
    async with running(world):
        await world.heard.nth(Connected, 1)
        for _ in range(145):
            await trio.sleep(10)
            world.venue.say(beat("heartbeat"))
        grants = [request["params"]["grant_type"] for request in world.venue.asked("public/auth")]
        # 900 s of life: at 720 and at 1440 s.
        assert grants == ["client_signature", "refresh_token", "refresh_token"]
        assert world.heard.all(Disconnected) == []


@pytest.mark.trio
async def test_failed_refresh_falls_back_to_a_fresh_grant(
    autojump_clock: MockClock, world: World
) -> None:
    grant = world.venue.answers["public/auth"]

    def only_signatures(request: Any) -> list[str]:
        if request["params"]["grant_type"] == "refresh_token":
            return [error(request, 13009, "unauthorized")]
        return grant(request)

    world.venue.answers["public/auth"] = only_signatures
    async with running(world):
        await world.heard.nth(Connected, 1)
        for _ in range(73):
            await trio.sleep(10)
            world.venue.say(beat("heartbeat"))
        grants = [request["params"]["grant_type"] for request in world.venue.asked("public/auth")]
        assert grants == ["client_signature", "refresh_token", "client_signature"]
        assert world.heard.all(Disconnected) == []


@pytest.mark.trio
async def test_reconnect_restores_the_channels(autojump_clock: MockClock, world: World) -> None:
    channels = ("book.BTC-PERPETUAL.raw", INDEX, "user.orders.any.any.raw")
    await world.session.want(channels)
    async with running(world):
        first = await world.heard.nth(Subscribed, 1)
        world.venue.cut()
        second = await world.heard.nth(Subscribed, 2)
    assert sorted(first.channels) == sorted(channels)
    assert (first.epoch, second.epoch) == (1, 2)
    assert second.channels == first.channels
    assert second.missing == ()


@pytest.mark.trio
async def test_channel_left_out_of_the_answer_is_reported_missing(
    autojump_clock: MockClock, world: World
) -> None:
    channels = ["book.A.100ms", "book.B.100ms"]
    world.venue.answers["public/subscribe"] = lambda r: [result(r, ["book.A.100ms"])]
    async with running(world):
        await world.heard.nth(Subscribed, 1)
        await world.session.want(channels)
        told = await world.heard.nth(Subscribed, 2)
    assert told.channels == ("book.A.100ms",)
    assert told.missing == (Missing(channel="book.B.100ms", why="left out of the answer"),)


@pytest.mark.trio
async def test_refused_class_loses_only_its_own_channels(
    autojump_clock: MockClock, world: World
) -> None:
    def no_raw(request: Any) -> list[str]:
        channels = request["params"]["channels"]
        if any(channel.endswith(".raw") for channel in channels):
            return [error(request, 13778, "raw_subscriptions_not_available_for_unauthorized")]
        return [result(request, channels)]

    world.venue.answers["public/subscribe"] = no_raw
    await world.session.want(["book.A.raw", "book.A.100ms"])
    async with running(world):
        told = await world.heard.nth(Subscribed, 1)
    assert told.channels == ("book.A.100ms",)
    assert [missing.channel for missing in told.missing] == ["book.A.raw"]


@pytest.mark.trio
async def test_channels_no_longer_wanted_are_given_back(
    autojump_clock: MockClock, world: World
) -> None:
    await world.session.want(["book.A.100ms", "book.B.100ms"])
    async with running(world):
        await world.heard.nth(Subscribed, 1)
        await world.session.want(["book.B.100ms"])
    assert [r["params"]["channels"] for r in world.venue.asked("public/unsubscribe")] == [
        ["book.A.100ms"]
    ]
    assert len(world.venue.asked("public/subscribe")) == 1


@pytest.mark.trio
async def test_renewed_channel_is_left_before_it_is_asked_for_again(
    autojump_clock: MockClock, world: World
) -> None:
    await world.session.want(["book.A.100ms", "book.B.100ms"])
    async with running(world):
        await world.heard.nth(Subscribed, 1)
        world.venue.requests.clear()
        await world.session.renew(["book.A.100ms", "book.unknown.100ms"])
    asked = [(r["method"], r["params"]["channels"]) for r in world.venue.requests]
    assert asked == [
        ("public/unsubscribe", ["book.A.100ms"]),
        ("public/subscribe", ["book.A.100ms"]),
    ]


@pytest.mark.trio
async def test_subscription_without_an_answer_replaces_the_connection(
    autojump_clock: MockClock, world: World
) -> None:
    world.venue.answers["public/subscribe"] = lambda _: []
    await world.session.want([INDEX])
    async with running(world):
        gone = await world.heard.nth(Disconnected, 1)
    assert gone.why == "subscribe: no reply before the deadline"


@pytest.mark.trio
@pytest.mark.rule("C-506")
async def test_too_many_requests_ends_the_connection_and_leaves_the_others_in_doubt(
    autojump_clock: MockClock, world: World
) -> None:
    world.venue.answers["public/status"] = lambda r: [error(r, 10028, "too_many_requests")]
    async with running(world) as nursery:
        await world.heard.nth(Connected, 1)
        nursery.start_soon(world.order)
        await wait_all_tasks_blocked()
        reply = await world.session.call("public/status", {}, deadline_s=5)
        assert reply == Refused(code=10028, message="too_many_requests")
        await world.heard.nth(Disconnected, 1)
        assert world.replies == [NoReply(why="too_many_requests")]
        assert await world.heard.nth(Connected, 2) == Connected(epoch=2)


@pytest.mark.trio
async def test_waits_between_failed_dials_grow_to_their_limit(
    autojump_clock: MockClock, world: World
) -> None:
    world.venue.is_down = True
    async with running(world):
        gone = await world.heard.nth(Disconnected, 12)
    assert gone == Disconnected(epoch=0, why="no link: connection refused")
    at = world.venue.dialled_at
    gaps = [later - earlier for earlier, later in pairwise(at)]
    for failures, gap in enumerate(gaps, start=1):
        ceiling = min(30.0, 0.25 * 2**failures)
        assert ceiling / 2 <= gap <= ceiling + 1e-6


@pytest.mark.trio
async def test_cancelled_session_tells_who_waits_that_it_is_in_doubt(
    autojump_clock: MockClock, world: World
) -> None:
    async with trio.open_nursery() as outer, running(world):
        await world.heard.nth(Connected, 1)
        outer.start_soon(world.order)
        await wait_all_tasks_blocked()
    assert world.replies == [NoReply(why="session closed")]


@pytest.mark.trio
async def test_table_of_requests_in_flight_is_bounded(
    autojump_clock: MockClock, world: World
) -> None:
    async with running(world) as nursery:
        await world.heard.nth(Protected, 1)  # the line is quiet from here on
        for _ in range(65):
            nursery.start_soon(world.ask, "public/status")
        await wait_all_tasks_blocked()
        assert world.replies == [NotSent(why="64 requests are already in flight")]
        assert len(world.venue.asked("public/status")) == 64


@pytest.mark.trio
@pytest.mark.rule("C-101")
async def test_orders_and_other_requests_have_one_door_each(
    autojump_clock: MockClock, world: World
) -> None:
    with pytest.raises(AssertionError, match="call_order"):
        await world.session.call("private/buy", {}, deadline_s=1)
    with pytest.raises(AssertionError, match="goes through call"):
        await world.session.call_order("public/status", {}, deadline_s=1)
