"""What is refused before anything is opened [C-001, C-005]."""

from pathlib import Path

import pytest

from bot.control.errors import Exit, UserError
from bot.domain.mode import Environment
from bot.engine.config import read_policy
from bot.engine.home import make_home
from bot.engine.options import RunOptions
from bot.engine.seams import REAL
from bot.engine.start import settle

SHIPPED = Path(__file__).resolve().parents[3] / "config"


def options(home: Path, environment: Environment) -> RunOptions:
    return RunOptions(
        home=home,
        environment=environment,
        seed=7,
        for_s=1.0,
        market=None,
        speed=1.0,
        strategy=None,
        live_confirmed=True,
        as_json=True,
    )


@pytest.mark.rule("C-001")
@pytest.mark.rule("C-005")
@pytest.mark.parametrize("environment", [e for e in Environment if e is not Environment.DEV])
def test_no_other_environment_trades_on_the_embedded_exchange(
    tmp_path: Path, environment: Environment
) -> None:
    home = make_home(tmp_path)
    (home.path / "config").mkdir()
    written = (SHIPPED / "dev.toml").read_text().replace('"DEV"', f'"{environment.value}"')
    (home.path / "config" / f"{environment.value.lower()}.toml").write_text(written)
    with pytest.raises(UserError) as refused:
        settle(options(tmp_path, environment), home, token=REAL.token)
    assert refused.value.exit is Exit.UNSAFE_START


@pytest.mark.rule("C-003")
def test_live_is_held_to_the_caps_of_its_first_stage(tmp_path: Path) -> None:
    with pytest.raises(UserError) as refused:
        read_policy(tmp_path, Environment.LIVE)
    assert refused.value.exit is Exit.CONFIG
    assert read_policy(tmp_path, Environment.DEV).per_order.amount_max == 2


@pytest.mark.rule("C-004")
@pytest.mark.parametrize(
    ("was", "asked", "named"),
    [
        ("basis: coin", "basis: usd", "hedge.basis"),
    ],
)
def test_a_promise_that_this_build_cannot_keep_is_refused(
    tmp_path: Path, was: str, asked: str, named: str
) -> None:
    (tmp_path / "config").mkdir()
    text = (SHIPPED / "trading_policy.yaml").read_text()
    assert was in text
    (tmp_path / "config/trading_policy.yaml").write_text(text.replace(was, asked))
    with pytest.raises(UserError, match=named):
        read_policy(tmp_path, Environment.DEV)
