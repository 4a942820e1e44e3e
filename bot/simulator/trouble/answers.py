"""What may become of the answer to a request that was carried out."""

from collections.abc import Callable, Mapping
from random import Random
from typing import Any, Final, TypeAlias

from bot.simulator.refusal import Refused, refuse
from bot.simulator.rpc.answer import Answer, Later, carry_out
from bot.simulator.rpc.method import NO_ANSWER, Call, Method
from bot.simulator.trouble.damage import spoil, spoil_order, with_unknown_state

__all__ = ["on_accepted", "on_any", "on_cancelled", "on_read"]

# What proves nothing of the order that it answers (PROTOCOL §19: AMBIGUOUS).
_AMBIGUOUS: Final = (10040, 10050, 11031, 11051, 11094, 13008, 13028, 19999)
_LATE_S: Final = (2.0, 20.0)
_AFTER_FILL_S: Final = (0.3, 3.0)
_OFF_MS: Final = (10.0, 3_600_000.0)  # how far, each size as likely as the next
_SPOILT: Final = 0.5  # of the answers that an armed `bad_value` may spoil
_TRUTH: Final = "private/sim_"  # the exchange's own proofs are never touched
_ROWS: Final = ("trades", "orders")


def on_accepted(call: Call, row: Method, asked: Any, made: Answer) -> Answer:
    """Let an order's answer meet what is armed for it; the order itself stands."""
    for name, befall in _ON_ACCEPTED.items():
        if call.floor.trouble.is_armed(name):
            after = befall(call, row, asked, made)
            if after is not None:
                call.floor.trouble.take(name)
                return after
    return made


def on_cancelled(call: Call, made: Answer) -> Answer:
    """Leave a cancel that was carried out unanswered."""
    if call.peer.is_socket and call.floor.trouble.take("cancel_unanswered"):
        return Answer(NO_ANSWER)
    return made


def on_read(call: Call, row: Method, made: Answer) -> Answer:
    """Take rows from a page, or tell a wrong time."""
    trouble = call.floor.trouble
    if row.name == "public/get_time" and trouble.take("time_wrong"):
        return Answer(made.result + _off_ms(trouble.draw("time_wrong")) * _sign(call))
    if not row.name.startswith(("private/get_order_history", "private/get_user_trades")):
        return made
    rows = _rows_of(made.result)
    if trouble.is_armed("history_hole") and rows:
        trouble.take("history_hole")
        gone = trouble.draw("history_hole").randrange(len(rows))
        return _with_rows(made, rows[:gone] + rows[gone + 1 :])
    if trouble.is_armed("page_cut") and isinstance(made.result, dict) and len(rows) > 1:
        trouble.take("page_cut")
        kept = _with_rows(made, rows[: trouble.draw("page_cut").randrange(1, len(rows))])
        end = {"has_more": False} if "has_more" in made.result else {"continuation": None}
        return Answer({**kept.result, **end}, made.afterwards)
    return made


def on_any(call: Call, row: Method, made: Answer) -> Answer:
    """Spoil what is said."""
    if row.name.startswith(_TRUTH) or isinstance(made.result, Refused):
        return made
    trouble = call.floor.trouble
    if trouble.is_armed("state_unknown"):
        odd = with_unknown_state(made.result, trouble.draw("state_unknown"))
        if odd is not None and trouble.take("state_unknown"):
            return Answer(odd, made.afterwards)
    if trouble.is_armed("bad_value"):
        draw = trouble.draw("bad_value")
        bad = spoil(made.result, draw) if draw.random() < _SPOILT else None
        if bad is not None and trouble.take("bad_value"):
            return Answer(bad, made.afterwards)
    return made


def _refuse_live(call: Call, _row: Method, _asked: Any, _made: Answer) -> Answer | None:
    return Answer(refuse(call.floor.trouble.draw("refused_but_live").choice(_AMBIGUOUS)))


def _lose(call: Call, _row: Method, _asked: Any, _made: Answer) -> Answer | None:
    if not call.peer.is_socket:
        return None
    call.peer.cut()  # what waits to be sent is lost with the line
    return Answer(NO_ANSWER)


def _drop(call: Call, _row: Method, _asked: Any, _made: Answer) -> Answer | None:
    return Answer(NO_ANSWER) if call.peer.is_socket else None


def _garble(call: Call, _row: Method, _asked: Any, made: Answer) -> Answer | None:
    bad = spoil_order(made.result, call.floor.trouble.draw("reply_undecodable"))
    return None if bad is None else Answer(bad)


def _hold(call: Call, _row: Method, asked: Any, made: Answer) -> Answer | None:
    if not call.peer.is_socket:
        return None
    wait_ms = int(call.floor.trouble.draw("reply_late").uniform(*_LATE_S) * 1_000)
    from_ms = max(asked.valid_until or call.now_ms, call.now_ms)
    return Answer(NO_ANSWER, later=Later(from_ms + wait_ms, lambda: made))


def _follow_fill(call: Call, _row: Method, _asked: Any, made: Answer) -> Answer | None:
    """The exchange tells before it answers anyway; here the answer is well behind."""
    if not call.peer.is_socket or not made.result["trades"]:
        return None
    wait_ms = int(call.floor.trouble.draw("fill_before_answer").uniform(*_AFTER_FILL_S) * 1_000)
    return Answer(NO_ANSWER, later=Later(call.now_ms + wait_ms, lambda: made))


def _double(call: Call, row: Method, asked: Any, made: Answer) -> Answer | None:
    if row.name not in ("private/buy", "private/sell"):
        return None
    second = carry_out(call, row, asked)
    return None if isinstance(second.result, Refused) else made


_Befall: TypeAlias = Callable[[Call, Method, Any, Answer], Answer | None]

_ON_ACCEPTED: Final[Mapping[str, _Befall]] = {
    "refused_but_live": _refuse_live,
    "reply_lost": _lose,
    "reply_dropped": _drop,
    "reply_undecodable": _garble,
    "reply_late": _hold,
    "fill_before_answer": _follow_fill,
    "order_doubled": _double,
}


def _sign(call: Call) -> int:
    return 1 if call.floor.trouble.draw("time_wrong").random() < 0.5 else -1


def _rows_of(result: Any) -> list[Any]:
    if isinstance(result, list):
        return result
    return next((result[key] for key in _ROWS if key in result), [])


def _with_rows(made: Answer, rows: list[Any]) -> Answer:
    if isinstance(made.result, list):
        return Answer(rows, made.afterwards)
    key = next(key for key in _ROWS if key in made.result)
    return Answer({**made.result, key: rows}, made.afterwards)


def _off_ms(draw: Random) -> int:
    least, most = _OFF_MS
    return int(least * (most / least) ** draw.random())
