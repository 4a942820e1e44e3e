"""Every field of the policy says what it is (C-003)."""

import re
from decimal import Decimal
from enum import Enum
from pathlib import Path

import pytest

from bot.policy import Policy, load
from bot.policy.outline import Field, entries, fields, figures
from bot.policy.stage import CAPPED, StageCaps
from bot.policy.term import Riskier

TEXT = (Path(__file__).parents[3] / "config" / "trading_policy.yaml").read_text(encoding="utf-8")
FIELDS = dict(fields())


def words(text: str) -> str:
    return re.sub(r"[\s#]+", " ", text).strip()


@pytest.mark.rule("C-003")
@pytest.mark.parametrize("path", FIELDS)
def test_a_field_has_unit_direction_and_plain_words(path: str) -> None:
    field = FIELDS[path]
    assert field.term.unit
    assert field.term.says.endswith((".", ","))
    assert issubclass(field.type, Enum | Decimal | int | str)
    numeric = field.type in {Decimal, int}
    assert (field.term.riskier in {Riskier.HIGHER, Riskier.LOWER}) is numeric
    if path.endswith("_max"):
        assert field.term.riskier is Riskier.HIGHER
    if path.endswith("_min"):
        assert field.term.riskier is Riskier.LOWER


@pytest.mark.rule("C-004")
@pytest.mark.parametrize(
    "path", [path for path in FIELDS if path.endswith(("_max", "_min")) and "stages" not in path]
)
def test_a_limit_names_the_reason_of_its_breach(path: str) -> None:
    # valid_until is put on the order and enforced by the venue: nothing of ours can breach it.
    is_set_by_us = path == "execution.valid_until_ms_max"
    assert (FIELDS[path].term.reason is None) is is_set_by_us


@pytest.mark.rule("C-003")
@pytest.mark.parametrize("path", [p for p in FIELDS if not p.startswith("stages.")])
def test_the_file_says_of_each_field_what_the_schema_says(path: str) -> None:
    term = FIELDS[path].term
    comment = f"{term.says} [{term.unit}; riskier: {term.riskier.value}] {path.split('.')[-1]}:"
    assert comment in words(TEXT)


@pytest.mark.rule("C-003")
def test_every_cap_of_a_stage_caps_a_limit_of_its_kind() -> None:
    assert set(CAPPED) == set(StageCaps.__struct_fields__)
    for cap, (block, name) in CAPPED.items():
        capped, limit = FIELDS[f"stages.full.{cap}"], FIELDS[f"{block}.{name}"]
        assert (capped.type, capped.term.unit) == (limit.type, limit.term.unit)
        assert limit.term.riskier is Riskier.HIGHER
    portfolio = {name for block, name in CAPPED.values() if block == "portfolio"}
    assert portfolio == {path.split(".")[1] for path in FIELDS if path.startswith("portfolio.")}


def test_the_walk_meets_every_value_once() -> None:
    paths = [path for path, _ in figures(load(TEXT, source="x"))]
    assert paths == list(FIELDS)
    assert len(set(paths)) == len(paths)
    assert [entry.name for entry in entries(Policy)] == list(Policy.__struct_fields__)
    assert all(isinstance(field, Field) for field in FIELDS.values())
