"""Planted bugs are planted where they say, and the canary dies [C-804]."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "plans"))

import mutants  # noqa: E402  # plans is a folder of scripts, no package
from mutant_table import WrongTableError, load, plant  # noqa: E402

ALL = {mutant.id: mutant for mutant in load()}
LIMIT_S = 120.0  # of a machine that has other things to do; it takes a few seconds


@pytest.mark.rule("C-804")
@pytest.mark.parametrize("name", sorted(ALL))
def test_what_is_replaced_stands_there_once(name: str) -> None:
    mutant = ALL[name]
    assert (ROOT / mutant.file).read_text(encoding="utf-8").count(mutant.old) == 1
    assert mutant.new != mutant.old
    if mutant.by != "storm":
        assert (ROOT / mutant.by.partition("::")[0]).is_file()


@pytest.mark.rule("C-804")
def test_there_are_enough_of_them() -> None:
    assert len(ALL) >= 28
    assert sum(mutant.by == "storm" for mutant in ALL.values()) >= 28


@pytest.mark.rule("C-804")
def test_the_canary_is_noticed_and_the_code_as_it_is_is_clean(tmp_path: Path) -> None:
    base = tmp_path / "tree"
    mutants.copy_tree(base)
    canary = ALL["barrier-left-out"]
    canary = replace(canary, runs=canary.runs[:1])
    assert mutants.is_clean([canary], base, jobs=1)
    fate = mutants.fate_of(canary, base, limit_s=LIMIT_S)
    assert (fate.by, fate.seed) == ("sent_is_durable", 1), fate.what


@pytest.mark.rule("C-804")
def test_a_text_that_is_not_there_once_is_refused(tmp_path: Path) -> None:
    mutant = replace(ALL["barrier-left-out"], file="code.py", old="one", new="two")
    for text in ("none", "one one"):
        (tmp_path / "code.py").write_text(text.replace("none", "nothing"))
        with pytest.raises(WrongTableError, match="not once"):
            plant(tmp_path, mutant)


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ('by = "storm"\nseeds = "1"', "weather is missing"),
        ('by = "storm"\nseeds = "1"\nweather = "fog"', "no weather fog"),
        ('by = "tests/test_x.py"\nseeds = "1"', "seeds is missing, or has no place"),
    ],
)
def test_a_table_that_says_too_little_or_too_much_is_refused(
    tmp_path: Path, row: str, told: str
) -> None:
    path = tmp_path / "mutants.toml"
    head = '[weather.calm]\nhours = 1\n[[mutant]]\nid = "x"\nsays = ""\nfile = ""\nold = ""\n'
    path.write_text(f'{head}new = ""\n{row}\n')
    with pytest.raises(WrongTableError, match=told):
        load(path)
