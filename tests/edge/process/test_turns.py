"""Lines of several processes in one pipe."""

import subprocess
import sys
from pathlib import Path

from edge.process.turns import Turns

WRITER = """
import sys
from pathlib import Path
from edge.access_log import AccessLog
from edge.process.turns import Turns
log = AccessLog(turns=Turns(Path(sys.argv[1])))
line = sys.argv[2] * 199 + "\\n"
print("ready", file=sys.stderr, flush=True)
sys.stdin.read()
for _ in range(20):
    log._write([line] * 1000)
"""


def test_lines_of_several_processes_do_not_run_into_each_other(tmp_path: Path) -> None:
    command = [sys.executable, "-c", WRITER, str(tmp_path)]
    reader = subprocess.Popen(
        [sys.executable, "-c", "import sys; print(len({*sys.stdin.buffer}))"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    writers = [
        subprocess.Popen(
            [*command, letter],
            stdin=subprocess.PIPE,
            stdout=reader.stdin,
            stderr=subprocess.PIPE,
            text=True,
        )
        for letter in "abc"
    ]
    for writer in writers:
        assert writer.stderr is not None
        assert writer.stderr.readline() == "ready\n"
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.close()
    for writer in writers:
        assert writer.wait() == 0
        assert writer.stderr is not None
        writer.stderr.close()
    kinds, _ = reader.communicate()
    assert int(kinds) == 3


def test_a_turn_ends_with_its_block(tmp_path: Path) -> None:
    one, other = Turns(tmp_path), Turns(tmp_path)
    with one:
        pass
    with other:
        pass
