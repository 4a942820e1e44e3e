"""The gates have words, all of them, in their own order."""

from bot.control.explain_text import gate_lines
from bot.control.gate_words import GATE_WORDS, refusal_rows
from bot.gates.order import GATES


def test_the_words_are_those_of_the_gates_in_their_order() -> None:
    assert list(GATE_WORDS) == [gate.name for gate in GATES]


def test_a_refusal_belongs_to_the_next_gate_that_can_give_it() -> None:
    rows = refusal_rows(
        (
            ("BOOK_ONE_SIDED", "a side is missing", "two sides"),
            ("BOOK_ONE_SIDED", "a side is missing", "two sides"),
            ("PREMIUM_SMALL", "no bid", "0.001"),
        )
    )
    assert [row.gate for row in rows] == ["two_sided", "spread", "premium"]


def test_what_no_gate_can_give_comes_from_making_the_order() -> None:
    (row,) = refusal_rows((("DUST", "0.03", "0.1"),))
    assert (row.gate, row.verdict, row.limit) == ("making", "DUST", "0.1")


def test_a_long_refusal_fits_the_terminal_and_keeps_its_figures() -> None:
    was = "11.0 ticks, 23.4 vol points"
    lines = gate_lines(refusal_rows((("SPREAD_WIDE", was, "4.0 ticks or 10 vol points"),)))
    assert max(len(line) for line in lines) <= 80
    assert f"saw {was}, limit 4.0 ticks or 10 vol points" in " ".join(" ".join(lines).split())
