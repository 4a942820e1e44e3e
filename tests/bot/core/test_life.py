"""The life table, cell by cell, against what the contract says of each event [C-204 to C-206]."""

import pytest

from bot.core.life import LIFE, LifeEvent, Phase

P, E = Phase, LifeEvent
RESTING = {P.ACKED, P.OPEN, P.PARTIAL}
REVIVABLE = {P.REJECTED, P.EXPIRED, P.ABSENT}  # what was taken for gone may turn up after all
IN_DOUBT = {P.RECORDED, P.SENT, P.UNKNOWN}
PRESENCE = {E.ACK: P.ACKED, E.OPEN: P.OPEN, E.PARTIAL: P.PARTIAL}


def expected(phase: Phase, event: LifeEvent) -> Phase:
    """Say in rules what the table says in cells: written from the contract, not from the table."""
    match event:
        case E.SEND:
            return P.SENT if phase is P.RECORDED else phase
        case E.UNSENT:  # only where the send itself reports it; after doubt a report proves nothing
            return P.ABSENT if phase in (P.RECORDED, P.SENT) else phase
        case E.FILLED:  # whatever was thought of it: the whole of it has traded
            return P.FILLED
        case E.CANCELLED:
            return P.FILLED if phase is P.FILLED else P.CANCELLED
        case E.ACK | E.OPEN | E.PARTIAL:
            if phase in (P.FILLED, P.CANCELLED):
                return phase  # a late "open" is old news
            if phase in RESTING:  # never back down the ladder ACKED, OPEN, PARTIAL
                ladder = [P.ACKED, P.OPEN, P.PARTIAL]
                return max(phase, PRESENCE[event], key=ladder.index)
            return PRESENCE[event]
        case E.REJECT:
            return P.REJECTED if phase in IN_DOUBT else phase
        case E.FENCE:
            return P.EXPIRED if phase in IN_DOUBT else phase
        case E.DOUBT:  # C-205; an order that the venue has shown is not in doubt
            return P.UNKNOWN if phase in IN_DOUBT else phase
        case E.ABSENCE:  # C-206; a SENT one is still waiting for its answer
            return P.ABSENT if phase in (P.RECORDED, P.UNKNOWN) else phase


@pytest.mark.rule("C-204")
@pytest.mark.parametrize("event", list(LifeEvent))
@pytest.mark.parametrize("phase", list(Phase))
def test_every_cell_is_what_the_contract_says(phase: Phase, event: LifeEvent) -> None:
    assert LIFE[phase, event] is expected(phase, event)


@pytest.mark.rule("C-204")
def test_the_table_is_complete_and_has_nothing_else() -> None:
    assert set(LIFE) == {(phase, event) for phase in Phase for event in LifeEvent}


@pytest.mark.rule("C-204")
def test_a_terminal_phase_comes_back_to_life_on_presence_only() -> None:
    back = {
        (phase, event)
        for (phase, event), after in LIFE.items()
        if phase.is_final and not after.is_final
    }
    assert back == {(phase, event) for phase in REVIVABLE for event in PRESENCE}


@pytest.mark.rule("C-205")
def test_doubt_never_ends_anything_and_nothing_but_an_end_stops_counting() -> None:
    assert all(not LIFE[phase, E.DOUBT].is_final for phase in Phase if not phase.is_final)
    assert {phase for phase in Phase if phase.may_fill} == IN_DOUBT | RESTING
