"""The check for floats in money code tells what may round from what is exact."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "plans"))

import float_check  # noqa: E402  # plans is a folder of scripts, no package

HEAD = "from decimal import Decimal\nfrom fractions import Fraction\n"


@pytest.mark.rule("C-104")
@pytest.mark.parametrize(
    "line",
    [
        "RATE = 0.0003",
        "RATE: Decimal = 1e-4",
        "def f(price): return float(price)",
        "def f(price, size): return price / size",
        "def f(price: Decimal) -> Decimal: return price / 2",
        "def f(price): price /= 2",
        "def f(price): return Decimal.from_float(price)",
        "def f(text): return float.fromhex(text)",
        "from math import sqrt",
        "import math",
        "from operator import truediv\ndef f(a, b): return operator.truediv(a, b)",
        # One of its values is no Fraction, so the name is none.
        "def f(a, b):\n    c = Fraction(a)\n    c = b\n    return c / 2",
        # A name of the outside does not vouch for the parameter that hides it.
        "half = Fraction(1, 2)\ndef f(half): return half / 3",
        "def f(a): return (lambda half: half / 3)(a)",
        "def f(a, b): return max(a, b) / 2",
        "PAUSE_S = 1 / 3",
    ],
)
def test_what_may_round_is_found(line: str) -> None:
    assert float_check.faults_of(f"{HEAD}{line}\n", name="planted.py"), line


@pytest.mark.rule("C-104")
@pytest.mark.parametrize(
    "line",
    [
        "RATE = Decimal('0.0003')",
        "def f(a, b): return Fraction(a) / Fraction(b)",
        "def f(a, b):\n    size, paid = Fraction(a), Fraction(b)\n    return size / paid",
        "def g(a) -> Fraction: return Fraction(a)\ndef f(a, b): return g(a) / b",
        "def f(cost: Fraction, quantity): return cost / quantity",
        "def f(at: Fraction): return max(at - 1, Fraction(0)) / at",
        "from math import gcd, lcm",
        "def f(home): return home / 'ledger.db'",
        "def f(home): return home / DATABASE_NAME",
        "_PAUSE_S: float = 0.05",
        "def f(hash_): return bytes.fromhex(hash_)",
        "def f(x): return isinstance(x, bool | float)",
        "def f(a, b): return a // b",
    ],
)
def test_what_is_exact_passes(line: str) -> None:
    assert float_check.faults_of(f"{HEAD}{line}\n", name="planted.py") == []


@pytest.mark.rule("C-104")
def test_the_money_code_of_this_checkout_passes() -> None:
    assert float_check.check(ROOT) == []


@pytest.mark.rule("C-104")
def test_money_code_that_has_moved_away_is_missed(tmp_path: Path) -> None:
    assert len(float_check.check(tmp_path)) == len(float_check.MONEY)
