"""The units for systemd: closed in, told by the core's beat, never restarted for ever."""

import shutil
import subprocess
from pathlib import Path

import pytest

from bot.control.service import Service, units
from bot.domain.mode import Environment

pytestmark = pytest.mark.rule("C-505")


def service(**changes: object) -> Service:
    usual: dict[str, object] = {
        "command": ("/bin/true",),
        "home": Path("/var/lib/bot"),
        "environment": Environment.DEV,
        "is_user": False,
        "login": "trader",
        "keys": Path("/etc/bot/keys"),
    }
    return Service(**{**usual, **changes})  # type: ignore[arg-type]  # checked by its fields


def rows(text: str) -> dict[str, str]:
    pairs = (line.partition("=")[::2] for line in text.splitlines() if "=" in line)
    return dict(pairs)


@pytest.mark.parametrize("number", [0, 1], ids=["engine", "watchdog"])
def test_both_are_closed_in(number: int) -> None:
    unit = rows(units(service())[number].text)
    assert unit["Type"] == "notify"
    assert unit["WatchdogSec"] == "15"
    assert unit["NoNewPrivileges"] == "yes"
    assert unit["ProtectSystem"] == "strict"
    assert unit["ReadWritePaths"] == "/var/lib/bot"
    assert unit["User"] == "trader"
    assert unit["CapabilityBoundingSet"] == ""


def test_an_engine_is_restarted_three_times_and_not_when_it_would_only_repeat() -> None:
    unit = rows(units(service())[0].text)
    assert (unit["StartLimitBurst"], unit["StartLimitIntervalSec"]) == ("3", "600")
    assert unit["Restart"] == "on-failure"
    assert unit["RestartPreventExitStatus"] == "2 5 6 10"


def test_the_watchdog_is_always_brought_back_and_bound_to_nobody() -> None:
    unit = rows(units(service())[1].text)
    assert (unit["Restart"], unit["StartLimitIntervalSec"]) == ("always", "0")
    assert not {"PartOf", "BindsTo", "Requires", "After"} & {
        key for key, value in unit.items() if "bot-engine" in value
    }


@pytest.mark.rule("C-009")
def test_each_has_a_credential_of_its_own_and_no_secret_in_its_words() -> None:
    engine, dog = (rows(u.text) for u in units(service(environment=Environment.PAPER)))
    assert engine["LoadCredential"] == "trade:/etc/bot/keys/trade.json"
    assert dog["LoadCredential"] == "watchdog:/etc/bot/keys/watchdog.json"
    for unit in units(service(environment=Environment.LIVE)):
        assert "Environment" not in rows(unit.text)
    assert all("LoadCredential" not in unit.text for unit in units(service()))


def test_a_home_with_odd_letters_is_quoted() -> None:
    unit = rows(units(service(home=Path("/srv/my bots/50%$x")))[0].text)
    assert '"/srv/my bots/50%%$$x"' in unit["ExecStart"]


@pytest.mark.parametrize("is_user", [False, True])
@pytest.mark.parametrize("environment", Environment)
def test_systemd_itself_finds_nothing_wrong(
    tmp_path: Path, is_user: bool, environment: Environment
) -> None:
    verify = shutil.which("systemd-analyze")
    if verify is None:
        pytest.skip("systemd is not on this machine")
    made = units(service(is_user=is_user, environment=environment))
    for unit in made:
        (tmp_path / unit.name).write_text(unit.text)
    answer = subprocess.run(  # noqa: S603  # files from this test
        [
            verify,
            "verify",
            *(["--user"] if is_user else []),
            *(str(tmp_path / u.name) for u in made),
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    ours = [line for line in answer.stderr.splitlines() if "bot-" in line]
    assert ours == []
