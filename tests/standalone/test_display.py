import io

import pytest

from standalone.display import Display


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_each_step_is_one_line_without_a_terminal() -> None:
    stream = io.StringIO()
    with Display(stream).step("Demo film") as step:
        step.show_progress(0.5, "720p")
        step.result = "24 s"
    (line,) = stream.getvalue().splitlines()
    assert line.startswith("  ✓ Demo film")
    assert line.endswith("24 s")


def test_progress_is_drawn_on_a_terminal() -> None:
    stream = Terminal()
    with Display(stream).step("Demo film") as step:
        step.show_progress(0.5, "720p")
    assert "████████████░░░░░░░░░░░░  50% 720p" in stream.getvalue()


def test_terminal_that_knows_few_letters_is_no_obstacle() -> None:
    stream = io.TextIOWrapper(io.BytesIO(), "latin-1")
    Display(stream).say("✓ Redis")
    assert stream.buffer.seek(0) == 0
    assert stream.buffer.read() == b"? Redis\n"


def test_terminal_that_went_away_stops_nothing() -> None:
    class Gone(io.StringIO):
        def write(self, _text: str, /) -> int:
            raise BrokenPipeError

    Display(Gone()).say("Is anybody there?")


def test_failed_step_is_marked() -> None:
    stream = io.StringIO()
    with pytest.raises(ValueError, match="broken"), Display(stream).step("Database"):
        raise ValueError("broken")
    assert stream.getvalue() == "  ✗ Database\n"
