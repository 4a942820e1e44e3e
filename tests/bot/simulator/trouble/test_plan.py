"""A plan's file: what it says, and what it is refused for."""

from pathlib import Path

import pytest

from bot.simulator.fault import EXIT_CONFIG, ExchangeError
from bot.simulator.trouble.plan import Plan, load_plan


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "faults.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_a_plan_is_read_as_it_is_written(tmp_path: Path) -> None:
    text = """
        seed = 7
        [rates]      # times an hour
        reset = 12
        latency = 0.5
        [at]
        "12.5" = "reset"
        "0" = ["stall", "half_open"]
    """
    assert load_plan(written(tmp_path, text)) == Plan(
        seed=7,
        rates={"reset": 12.0, "latency": 0.5},
        at_ms=((12_500, "reset"), (0, "stall"), (0, "half_open")),
    )


def test_an_empty_plan_lets_nothing_go_wrong(tmp_path: Path) -> None:
    assert load_plan(written(tmp_path, "")) == Plan()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("seed = 1\nsead = 2", "line 2: sead is unknown. Allowed is one of seed, rates, at."),
        ("\n[rate]\nreset = 1", "line 2: rate is unknown. Allowed is one of seed, rates, at."),
        ("seed = -1", "line 1: seed was -1. Allowed is a whole number from 0 to"),
        ("seed = true", "line 1: seed was True. Allowed is a whole number from 0 to"),
        ("seed = 1.0", "line 1: seed was 1.0. Allowed is a whole number from 0 to"),
        ("seed = 9223372036854775808", "line 1: seed was 9223372036854775808. Allowed is"),
        ("rates = 3", "line 1: rates was 3. Allowed is a table: [rates]."),
        ("seed = 1\nat = []", "line 2: at was []. Allowed is a table: [at]."),
        ("[rates]\n\nrset = 1", "line 3: rates.rset is unknown. Allowed is a fault's name"),
        ("# reset\n[rates]\nreset = -1", "line 3: rates.reset was -1. Allowed is a number from 0"),
        ("[rates]\nreset = nan", "line 2: rates.reset was nan. Allowed is a number from 0"),
        ("[rates]\nreset = inf", "line 2: rates.reset was inf. Allowed is a number from 0"),
        ("[rates]\nreset = 36001", "line 2: rates.reset was 36001. Allowed is a number from 0"),
        ("[rates]\nreset = 1" + "0" * 400, "line 2: rates.reset was 1000"),
        ('[rates]\nreset = "1"', "line 2: rates.reset was '1'. Allowed is a number from 0"),
        ("[rates]\nreset = true", "line 2: rates.reset was True. Allowed is a number from 0"),
        ('[rates]\nreset = 1\n[at]\n"1" = "rest"', "line 4: at.1 was 'rest'. Allowed is a fault's"),
        ('[at]\n"1" = ["reset", 3]', "line 2: at.1 was 3. Allowed is a fault's name"),
        ('[at]\n12.5 = "reset"', "line 2: at.12 was {'5': 'reset'}. Allowed is a time in quotes"),
        ('[at]\n"-1" = "reset"', "line 2: at.-1 is unknown. Allowed is seconds since the start"),
        ('[at]\nsoon = "reset"', "line 2: at.soon is unknown. Allowed is seconds since the start"),
        ('[at]\n"nan" = "reset"', "line 2: at.nan is unknown. Allowed is seconds since the start"),
        ('[at]\n"99999999" = "reset"', "line 2: at.99999999 is unknown. Allowed is seconds since"),
        ("seed = 1\n[rates\n", "line 2: it was no TOML"),
        ("seed = 1\nseed = 2", "it was no TOML"),
        ("x = " + "[" * 50_000, "it was no TOML"),
        (b"\xff", " is not UTF-8. It should be a plan of faults, in TOML."),
        (" " * 300_000, " is longer than 262144 bytes. It should be a plan of faults, in TOML."),
    ],
)
def test_a_plan_that_is_none_says_where_what_was_and_what_may_be(
    tmp_path: Path, text: str | bytes, says: str
) -> None:
    path = written(tmp_path, text)
    with pytest.raises(ExchangeError) as refused:
        load_plan(path)
    assert str(refused.value).startswith(f"Cannot start: {path} ")
    assert says in str(refused.value)
    assert refused.value.exit_code == EXIT_CONFIG


def test_a_plan_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ExchangeError, match="cannot be read: No such file"):
        load_plan(tmp_path / "none.toml")
