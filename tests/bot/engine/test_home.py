"""A home is the owner's alone, or there is no start (RELIABILITY §10)."""

import os
import stat
from pathlib import Path

import pytest

from bot.control.errors import Exit, UserError
from bot.control.token import http_token, token_path
from bot.engine.home import make_home

pytestmark = pytest.mark.rule("C-604")


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_home_that_is_made_is_closed_to_others(tmp_path: Path) -> None:
    home = make_home(tmp_path / "home")
    assert [mode_of(p) for p in (home.path, home.path / "run", home.log)] == [0o700] * 3


def test_a_home_that_others_may_read_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "home"
    path.mkdir()
    path.chmod(0o755)
    assert mode_of(make_home(path).path) == 0o700


@pytest.mark.parametrize("mode", [0o777, 0o775, 0o722])
def test_a_home_that_others_may_write_to_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "home"
    path.mkdir()
    path.chmod(mode)
    with pytest.raises(UserError, match="may be written to by others") as refused:
        make_home(path)
    assert refused.value.exit is Exit.CONFIG


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away to try it")
def test_a_home_of_another_user_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "home"
    path.mkdir(mode=0o700)
    os.chown(path, 65_534, 65_534)
    with pytest.raises(UserError, match="not a folder of yours"):
        make_home(path)


@pytest.mark.parametrize("name", ["run", "log"])
def test_a_link_in_the_place_of_a_folder_is_refused(tmp_path: Path, name: str) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    (tmp_path / "elsewhere").mkdir()
    (home / name).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UserError, match="not a folder of yours"):
        make_home(home)


def test_a_home_may_be_a_link_of_the_owner_to_another_disk(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir(mode=0o700)
    (tmp_path / "home").symlink_to(tmp_path / "disk")
    assert make_home(tmp_path / "home").log.is_dir()


@pytest.mark.parametrize("kind", ["link", "folder", "pipe", "readable", "empty"])
def test_a_token_file_that_is_not_the_owners_alone_is_refused(tmp_path: Path, kind: str) -> None:
    path = token_path(tmp_path)
    path.parent.mkdir(mode=0o700)
    match kind:
        case "link":
            (tmp_path / "other").write_text("known\n")
            path.symlink_to(tmp_path / "other")
        case "folder":
            path.mkdir()
        case "pipe":
            os.mkfifo(path, 0o600)
        case "readable":
            path.write_text("known\n")
            path.chmod(0o644)
        case "empty":
            path.touch(mode=0o600)
    with pytest.raises(UserError) as refused:
        http_token(tmp_path)
    assert refused.value.exit is Exit.CONFIG
    assert str(path) in refused.value.body.what
