"""Starts a program, waits for its end and writes its status and its cost to a file as JSON.

A process begins with the peak memory of the one that started it, since Linux counts what was there
before `exec`; so whoever measures memory has to be small. That is why this is run by its path, and
imports next to nothing.
"""

import json
import os
import sys
import time


def main() -> None:
    path, *command = sys.argv[1:]
    began = time.monotonic()
    pid = os.posix_spawnp(command[0], command, os.environ)  # noqa: TID251
    _, status, usage = os.wait4(pid, 0)
    cost = {
        "exit_code": os.waitstatus_to_exitcode(status),
        "wall_s": time.monotonic() - began,
        "cpu_s": usage.ru_utime + usage.ru_stime,
        "peak_bytes": usage.ru_maxrss * 1024,
    }
    with open(path, "w", encoding="ascii") as file:  # noqa: PTH123
        json.dump(cost, file)


if __name__ == "__main__":
    main()
