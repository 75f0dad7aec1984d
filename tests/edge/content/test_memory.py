"""The allocator's settings, in a process of their own: they cannot be taken back."""

import subprocess
import sys
from pathlib import Path

CHURN = """
import resource, sys, threading
from queue import SimpleQueue
from edge.content.memory import keep_freed_memory

def count_faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt

if sys.argv[1] == "kept":
    assert keep_freed_memory()
wanted, made = SimpleQueue(), SimpleQueue()

def make():
    for size in iter(wanted.get, None):
        made.put(bytes(bytearray(size)))

threads = [threading.Thread(target=make) for _ in range(4)]
for thread in threads:
    thread.start()

def turn_over():
    for _ in range(40):
        wanted.put(300_000)
    bodies = [made.get() for _ in range(40)]

turn_over()
before = count_faults()
for _ in range(10):
    turn_over()
print(count_faults() - before)
for _ in threads:
    wanted.put(None)
"""


def count_faults(how: str) -> int:
    run = subprocess.run(
        [sys.executable, "-c", CHURN, how],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        check=True,
        text=True,
    )
    return int(run.stdout)


def test_memory_of_bodies_is_used_again_instead_of_being_had_from_the_kernel_anew() -> None:
    assert count_faults("kept") < count_faults("given back") / 4
