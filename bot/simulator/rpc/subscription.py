"""Subscribe and unsubscribe (PROTOCOL §7)."""

from typing import Final

import msgspec

from bot.simulator.channel import CHANNELS_MAX, Interval, Topic, parse_channel
from bot.simulator.limits import Bucket
from bot.simulator.refusal import Refused, bad_param, refuse
from bot.simulator.rpc.method import Call, Method, NoParams
from bot.simulator.scope import Level

__all__ = ["METHODS"]

_ANY: Final = ("account", Level.NONE)  # any login; the channel decides what it takes
_LABEL_MAX: Final = 16


class Channels(msgspec.Struct):
    """Which channels."""

    channels: list[str]
    label: str | None = None


def _subscribe(call: Call, asked: Channels) -> object | Refused:
    """Subscribe; unknown channels are left out of the answer, a refused one refuses the call."""
    if len(asked.channels) > CHANNELS_MAX:
        return bad_param("channels", reason=f"too many channels, max {CHANNELS_MAX}")
    if asked.label is not None and len(asked.label) > _LABEL_MAX:
        return bad_param("label", reason="too long")
    topics: list[Topic] = []
    for name in dict.fromkeys(asked.channels):
        topic = parse_channel(name, venue=call.venue)
        if topic is None:
            continue
        refused = _check(call, topic)
        if refused is not None:
            return refused
        topics.append(topic)
    account = call.grant.key.account if call.grant is not None else None
    for topic in topics:
        call.afterwards += call.floor.broadcast.join(
            call.peer, topic, account=account, label=asked.label
        )
    return [topic.name for topic in topics]


def _unsubscribe(call: Call, asked: Channels) -> object:
    return call.floor.broadcast.leave(call.peer, asked.channels)


def _unsubscribe_all(call: Call, _asked: NoParams) -> str:
    call.floor.broadcast.leave(call.peer, list(call.peer.channels))
    return "ok"


def _check(call: Call, topic: Topic) -> Refused | None:
    if topic.is_private:
        if call.grant is None:
            return refuse(13009, data={"reason": "invalid_token"})
        area = "account" if topic.name.startswith("user.portfolio") else "trade"
        return refuse(13021) if call.grant.scope.level(area) < Level.READ else None
    if topic.interval is Interval.RAW and _has_interval(topic) and call.grant is None:
        return refuse(13778)
    return None


def _has_interval(topic: Topic) -> bool:
    return topic.name.endswith(".raw")


METHODS: Final = tuple(
    Method(
        name=f"{side}/{verb}",
        params=params,
        act=act,
        need=_ANY if side == "private" else None,
        bucket=bucket,
        is_socket_only=True,
    )
    for side in ("public", "private")
    for verb, params, act, bucket in (
        ("subscribe", Channels, _subscribe, Bucket.SUBSCRIBE),
        ("unsubscribe", Channels, _unsubscribe, Bucket.NON_MATCHING),
        ("unsubscribe_all", NoParams, _unsubscribe_all, Bucket.NON_MATCHING),
    )
)
