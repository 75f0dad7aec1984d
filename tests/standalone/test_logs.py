from pathlib import Path

from standalone.logs import read_tail, rotate_log


def test_old_log_is_kept_once(tmp_path: Path) -> None:
    log = tmp_path / "edge-1.log"
    for text in ("first", "second", "third"):
        rotate_log(log)
        log.write_text(text)
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {
        "edge-1.log": "third",
        "edge-1.log.1": "second",
    }


def test_tail_is_the_last_lines(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("".join(f"{number}\n" for number in range(10_000)))
    assert read_tail(log, 2) == "9998\n9999"


def test_tail_of_a_short_log_is_all_of_it(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes(b"\xff one\n")
    assert read_tail(log, 5) == "\ufffd one"
