"""Where keys come from, and that no word of theirs is ever shown [C-009]."""

from pathlib import Path

import pytest

from bot.venue.key import KeyUnusableError, read_key
from bot.venue.secret import Secret

pytestmark = pytest.mark.rule("C-009")

KEYS = '[{"role": "trade", "client_id": "T", "client_secret": "open-sesame", "scope": "x"}]'


def stored(folder: Path, text: str = KEYS, *, mode: int = 0o600) -> Path:
    path = folder / "keys.json"
    path.write_text(text)
    path.chmod(mode)
    return path


def test_a_file_for_the_owner_only_is_read(tmp_path: Path) -> None:
    found = read_key("trade", credentials=None, file=stored(tmp_path))
    assert found.client_id == "T"
    assert found.secret.sign("m") == Secret("open-sesame").sign("m")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_a_file_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    with pytest.raises(KeyUnusableError, match="open to others"):
        read_key("trade", credentials=None, file=stored(tmp_path, mode=mode))


def test_the_service_managers_credential_wins(tmp_path: Path) -> None:
    folder = tmp_path / "credentials"
    folder.mkdir()
    (folder / "trade").write_text('{"client_id": "S", "client_secret": "other"}')
    assert read_key("trade", credentials=folder, file=stored(tmp_path)).client_id == "S"
    (folder / "trade").unlink()
    assert read_key("trade", credentials=folder, file=stored(tmp_path)).client_id == "T"


@pytest.mark.parametrize("text", ["", "open-sesame", '[{"client_secret": "open-sesame"}]', "[]"])
def test_what_is_unusable_is_named_and_not_shown(tmp_path: Path, text: str) -> None:
    with pytest.raises(KeyUnusableError) as told:
        read_key("watchdog", credentials=None, file=stored(tmp_path, text))
    assert 'no key "watchdog"' in str(told.value)
    assert "sesame" not in str(told.value)
    assert told.value.__cause__ is None


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(KeyUnusableError, match=r"keys\.json"):
        read_key("trade", credentials=None, file=tmp_path / "keys.json")
