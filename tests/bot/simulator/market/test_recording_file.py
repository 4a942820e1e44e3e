"""Reading a recording line by line."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from bot.simulator.market.fault import BadRecordingError
from bot.simulator.market.recording_file import RecordingFile, find_recording

START_MS = 1681296015483


def _line(at_ms: int, **changes: Any) -> bytes:
    book = {
        "instrument_name": "BTC-28APR23-31000-C",
        "timestamp": START_MS + at_ms,
        "bids": [[0.0315, 15.0]],
        "asks": [[0.0325, 32.0]],
        "mark_price": 0.032,
        "index_price": 30000.0,
        "underlying_price": 30050.0,
        "underlying_index": "BTC-28APR23",
        "mark_iv": 52.0,
    }
    return json.dumps(book | changes).encode() + b"\n"


def _file(tmp_path: Path, *lines: bytes) -> Path:
    path = tmp_path / "books.jsonl"
    path.write_bytes(b"".join(lines))
    return path


def _times(recording: RecordingFile, at_ms: int) -> list[int]:
    return [line.timestamp - START_MS for line in recording.take(START_MS + at_ms)]


def test_lines_come_out_in_order_of_time_although_written_otherwise(tmp_path: Path) -> None:
    order = [0, -1_000, 14_000, 3_000, 300_000, 290_000]
    recording = RecordingFile(_file(tmp_path, *(_line(at_ms) for at_ms in order)))
    assert recording.start_ms == START_MS
    assert _times(recording, 0) == [-1_000, 0]
    assert _times(recording, 10_000) == [3_000]
    assert _times(recording, 10_000) == []
    assert not recording.is_over
    assert _times(recording, 900_000) == [14_000, 290_000, 300_000]
    assert recording.is_over
    recording.close()


def test_compressed_files_are_read_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "books.jsonl.gz"
    path.write_bytes(gzip.compress(_line(0) + _line(5)))
    recording = RecordingFile(path)
    assert _times(recording, 10) == [0, 5]
    recording.close()


def test_only_two_minutes_are_held_in_memory(tmp_path: Path) -> None:
    lines = (_line(i * 1_000) for i in range(30_000))  # more than may ever wait
    recording = RecordingFile(_file(tmp_path, *lines))
    assert len(recording.take(START_MS + 40_000_000)) == 30_000
    recording.close()


def test_too_many_lines_at_once_are_refused(tmp_path: Path) -> None:
    recording = RecordingFile(_file(tmp_path, _line(0) * 20_002))
    with pytest.raises(BadRecordingError, match="line 20001: more than 20000 lines"):
        recording.take(START_MS)


@pytest.mark.parametrize(
    ("second", "why"),
    [
        (b"nonsense\n", "line 2: JSON is malformed"),
        (_line(1, instrument_name="BTC-PERPETUAL"), "line 2: instrument 'BTC-PERPETUAL'"),
        (_line(1, bids=[[0.04, 1.0]]), "line 2: the book is crossed"),
        (b" " * 70_000 + b"\n", "line 2: it is longer than 65536 bytes"),
        (b"\n", "line 2: "),
    ],
)
def test_a_bad_line_is_named_by_its_number(tmp_path: Path, second: bytes, why: str) -> None:
    recording = RecordingFile(_file(tmp_path, _line(0), second, _line(2)))
    with pytest.raises(BadRecordingError, match=why) as caught:
        recording.take(START_MS + 10)
    assert caught.value.line == 2


def test_a_file_cut_short_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "books.jsonl.gz"
    whole = gzip.compress(b"".join(_line(i, mark_iv=50 + i * 0.37) for i in range(500)))
    path.write_bytes(whole[: len(whole) // 2])
    recording = RecordingFile(path)
    with pytest.raises(BadRecordingError, match="ended before"):
        recording.take(START_MS + 1_000)


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("a.jsonl", b"", "it is empty"),
        ("a.jsonl", b"{}\n", "line 1: "),
        ("a.jsonl.gz", b"not gzip", "line 1: Not a gzipped file"),
    ],
)
def test_a_file_that_is_none_is_refused_at_once(
    tmp_path: Path, name: str, content: bytes, why: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(BadRecordingError, match=why):
        RecordingFile(path)


def test_a_folder_stands_for_its_five_minute_recording(tmp_path: Path) -> None:
    wanted = tmp_path / "btc_5min_2023.jsonl.gz"
    for path in (wanted, tmp_path / "btc_5min_2023.index.csv", tmp_path / "other.jsonl.gz"):
        path.write_bytes(b"")
    assert find_recording(tmp_path) == wanted
    assert find_recording(tmp_path / "other.jsonl.gz") == tmp_path / "other.jsonl.gz"


def test_a_folder_without_or_with_two_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadRecordingError, match="holds 0 files"):
        find_recording(tmp_path)
    for name in ("btc_5min_1.jsonl", "btc_5min_2.jsonl"):
        (tmp_path / name).write_bytes(b"")
    with pytest.raises(BadRecordingError, match="holds 2 files"):
        find_recording(tmp_path)
    with pytest.raises(BadRecordingError, match="no such file"):
        find_recording(tmp_path / "absent")
