"""`bot drill faults` as a report: figures, rows, and what people read."""

from drills.faults.tally import fault_drills, tell


def test_figures_add_up_and_each_row_tells_its_story() -> None:
    report = fault_drills(("request-cut", "owner-kills"), seed=7, is_silent=True, workers=1)
    assert report.passed
    assert report.command == "bot drill faults request-cut owner-kills --seed 7"
    figures = report.figures
    assert (figures["drills"], figures["failed"], figures["duplicates"]) == (2, 0, 0)
    assert figures["time_to_safe_ms_max"] == max(r["time_to_safe_ms"] for r in report.results)
    kill = report.results[1]
    assert kill["injected"] == {"killed_at_step": 1, "owner_kill": 1}
    assert kill["ended"] == {"mode": "KILL", "latch": "open", "causes": ["OPERATOR_KILL"]}
    assert {"ms", "what", "now", "because"} == set(kill["trace"][0])
    forced = [row for row in kill["trace"] if row["what"] == "mode" and row["now"] == "KILL"]
    assert forced[0]["because"] == ["OPERATOR_KILL"]
    assert kill["containment"]["opens_sent"] == 0
    assert kill["containment"]["opens_taken_off"] >= 1
    assert len(kill["trace_hash"]) == 32


def test_a_drill_that_takes_no_safety_away_has_no_time_to_safety() -> None:
    told = tell("book-gap", 7)
    assert told.row["back"] == "untouched"
    assert told.row["time_to_safe_ms"] is None
    assert set(told.row["injected"]) == {"book_gap", "fill_late"}
