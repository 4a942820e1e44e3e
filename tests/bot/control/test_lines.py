"""The three lines: 80 columns, mode and reason within the first 20 words, for every shape."""

import re

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.control.ending import NeverStarted, NotConnected, Stopped, StoppedBadly, ending_words
from bot.control.lines import words_of
from bot.control.view import (
    CauseRow,
    Containment,
    Latch,
    LatchProof,
    ModeWord,
    Reconcile,
    Stage,
    Status,
)
from bot.domain.mode import Environment
from bot.domain.reason import REASONS, Effect, Reason
from tests.bot.control.fake_engine import a_cause, a_proof, a_status

pytestmark = pytest.mark.rule("C-602")

FORCED = {
    Effect.LATCH: ModeWord.ACTIVE,
    Effect.REDUCE_ONLY: ModeWord.REDUCE_ONLY,
    Effect.KILL: ModeWord.KILL,
}
CAUSES = [reason for reason in Reason if REASONS[reason].effect in FORCED]


def lines_of(**changes: object) -> tuple[str, ...]:
    return a_status(**changes).lines


def test_active_says_what_is_allowed_and_what_was_lost() -> None:
    assert lines_of() == (
        "● ACTIVE  PAPER  since 09:14:02 UTC (2 h 11 m)",
        "Opens and exits allowed. Loss today 0.0041 of 0.0500 BTC, from 08:00 UTC.",
        "Nothing to do.",
    )


def test_start_says_which_proofs_are_missing() -> None:
    proofs = tuple(a_proof(n, held=n < 6, at=None if n >= 6 else "x") for n in range(8))
    shut = a_cause(
        "NOT_RECONCILED",
        mode=ModeWord.ACTIVE,
        text="positions not yet proven at the venue",
        then="Wait. Over 2 min? bot recon run",
    )
    assert lines_of(
        latch=Latch(open=False, proofs=proofs), causes=(shut, a_cause()), age_ms=6_000
    ) == (
        "◐ ACTIVE, OPENS SHUT  PAPER  since 09:14:02 UTC (6 s)",
        "Starting: positions not yet proven at the venue (NOT_RECONCILED). +1 more",
        "Wait: 6 of 8 proofs done. Over 2 min? bot recon run",
    )


def test_shut_again_after_a_proof_is_no_start() -> None:
    proofs = (a_proof(1, held=True), a_proof(2, held=False, at=None))
    shut = a_cause("NOT_RECONCILED", mode=ModeWord.ACTIVE, text="it is being compared", then="")
    again = Reconcile(number=2, at=None, passed=None, difference=None)
    lines = lines_of(latch=Latch(open=False, proofs=proofs), causes=(shut,), reconcile=again)
    assert lines[1] == "Opens shut: it is being compared (NOT_RECONCILED). Closing still works."
    first = msgspec.structs.replace(again, number=1)
    lines = lines_of(latch=Latch(open=False, proofs=proofs), causes=(shut,), reconcile=first)
    assert lines[1].startswith("Starting: ")


def test_reduce_only_says_that_closing_still_works() -> None:
    assert lines_of(
        mode=ModeWord.REDUCE_ONLY,
        environment=Environment.LIVE,
        stage=Stage.MICRO,
        since="2026-11-25T11:25:40.002Z",
        age_ms=180_118,
        causes=(a_cause(),),
    ) == (
        "▲ REDUCE ONLY  LIVE micro  since 11:25:40 UTC (3 m)",
        "No new risk: a data gap lasted over 60 s (DATA_GAP). Closing still works.",
        "Do: bot recon run, then bot mode rearm.",
    )


def test_operator_is_quoted() -> None:
    asked = a_cause(
        "OPERATOR", text='you asked for it, "news at noon"', then="bot mode rearm, when you agree."
    )
    assert lines_of(mode=ModeWord.REDUCE_ONLY, causes=(asked,))[1:] == (
        'No new risk: you asked for it, "news at noon" (OPERATOR). Closing still works.',
        "Do: bot mode rearm, when you agree.",
    )


def test_kill_says_how_far_the_cancelling_is() -> None:
    loss = a_cause("LOSS_DAY", mode=ModeWord.KILL, text="daily loss limit reached")
    lines = lines_of(
        mode=ModeWord.KILL,
        environment=Environment.LIVE,
        stage=Stage.MICRO,
        since="2026-11-25T11:31:07.000Z",
        age_ms=12_000,
        causes=(loss,),
        containment=Containment(cancelled=3, of=4, policy="hold"),
    )
    assert lines[:2] == (
        "■ KILL  LIVE micro  since 11:31:07 UTC (12 s)",
        "Stopped: daily loss limit reached (LOSS_DAY). Cancelling: 3 of 4 done.",
    )


def test_ascii_stands_in_for_every_symbol() -> None:
    words = words_of(a_status(), is_ascii=True)
    assert words.lines[0].startswith("[ACTIVE] ACTIVE  PAPER")
    assert all(line.isascii() for line in words.lines)


def test_engine_that_is_not_there_is_named_with_what_to_do() -> None:
    lost = NotConnected(
        environment=Environment.LIVE,
        stage=Stage.MICRO,
        mode=ModeWord.KILL,
        last_seen="2026-11-25T11:31:19.000Z",
        age_ms=41_000,
        watchdog="The watchdog is up and has cancelled opens.",
    )
    assert ending_words(lost, is_ascii=False).lines[:2] == (
        "✕ NOT CONNECTED  last seen LIVE micro KILL 11:31:19 UTC (41 s ago)",
        "The engine does not answer. The watchdog is up and has cancelled opens.",
    )
    stopped = Stopped(
        environment=Environment.LIVE,
        ended="2026-11-25T11:40:02.000Z",
        by="owner",
        open_orders=0,
        positions=3,
        delta="0.226 BTC",
    )
    assert ending_words(stopped, is_ascii=False).lines[:2] == (
        "○ STOPPED  last run LIVE ended 11:40:02 UTC by owner",
        "Stopped in order: 0 open orders, 3 positions kept, delta 0.226 BTC.",
    )
    badly = StoppedBadly(
        environment=Environment.PAPER, ended_about="2026-11-25T03:12:40.000Z", orders_live=2
    )
    assert ending_words(badly, is_ascii=False).lines == (
        "✕ STOPPED BADLY  last run PAPER ended about 03:12:40 UTC",
        "The engine ended without saying so. 2 orders may be live at the venue.",
        "Do: bot run --env paper   (it reconciles before anything else)",
    )
    never = ending_words(NeverStarted(home="~/bot"), is_ascii=False).lines
    assert never[:2] == ("○ NEVER STARTED  home ~/bot", "There is no ledger here yet.")


def _cause_of(reason: Reason) -> CauseRow:
    meaning = REASONS[reason]
    return a_cause(reason.value, mode=FORCED[meaning.effect], text=meaning.text, then=meaning.next)


def check(status: Status, *, cause: CauseRow) -> None:
    for is_ascii in (False, True):
        words = words_of(status, is_ascii=is_ascii)
        assert all(len(line) <= 80 for line in words.lines), words.lines
        assert all(line.strip() for line in words.lines)
        first = " ".join(words.lines).split()[1:21]  # the symbol is no word
        assert f"({cause.code})" in " ".join(first), words.lines
        word = words.headline.split()[0]
        assert word in first[0]


@pytest.mark.parametrize("reason", CAUSES)
@pytest.mark.parametrize("environment", Environment)
@pytest.mark.parametrize("stage", [None, *Stage])
@pytest.mark.parametrize("age_ms", [0, 59_000, 7_877_000, 400_000_000])
def test_every_code_fits_with_mode_and_reason_in_twenty_words(
    reason: Reason, environment: Environment, stage: Stage | None, age_ms: int
) -> None:
    cause = _cause_of(reason)
    proofs = tuple(a_proof(n, held=False) for n in range(8))
    for more in (0, 2):
        status = a_status(
            mode=cause.mode,
            environment=environment,
            stage=stage,
            age_ms=age_ms,
            latch=Latch(open=False, proofs=proofs),
            causes=(cause, *(a_cause() for _ in range(more))),
            containment=Containment(cancelled=3, of=40, policy="hold"),
        )
        check(status, cause=cause)


@given(
    text=st.text(st.characters(categories=("L", "N", "P", "Zs")), min_size=1, max_size=300),
    code=st.from_regex(re.compile(r"[A-Z][A-Z_]{2,29}"), fullmatch=True),
    then=st.text(st.characters(categories=("L", "P")), max_size=300),
    more=st.integers(0, 30),
    mode=st.sampled_from([ModeWord.ACTIVE, ModeWord.REDUCE_ONLY, ModeWord.KILL]),
    age_ms=st.integers(0, 10**12),
)
def test_no_text_of_a_cause_breaks_the_lines(
    text: str, code: str, then: str, more: int, mode: ModeWord, age_ms: int
) -> None:
    cause = msgspec.structs.replace(a_cause(code, text=text, then=then), mode=mode)
    status = a_status(
        mode=mode,
        age_ms=age_ms,
        latch=Latch(open=False, proofs=(LatchProof(name="x", held=False, at=None, generation=0),)),
        causes=(cause,) * (more + 1),
        environment=Environment.STAGING,
        stage=Stage.SHADOW,
    )
    words = words_of(status, is_ascii=False)
    assert all(len(line) <= 80 for line in words.lines)
    assert f"({code})" in words.lines[1]


def test_shut_latch_without_a_cause_names_the_missing_proof() -> None:
    proofs = (LatchProof(name="trades_complete", held=False, at="x", generation=1),)
    lines = lines_of(latch=Latch(open=False, proofs=proofs))
    assert lines[1:] == (
        "Opens shut: not yet proven: trades complete. Closing still works.",
        "Wait: 0 of 1 proofs done.",
    )
