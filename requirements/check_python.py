"""Say what is missing before anything is installed. Runs on any Python, however old."""
# ruff: noqa: UP031, RUF005  (old Pythons must be able to read it)

import sys

OLDEST = (3, 11)


def find_fault(version, platform, modules):
    """The first thing that keeps the system from running here, with its remedy; or None."""
    if version < OLDEST:
        return (
            "Python %d.%d is too old: Sluice needs %d.%d or newer.\n"
            "Install one (on Debian and Ubuntu: apt install python3.11 python3.11-venv), then\n"
            "name it: make run PYTHON=python3.11" % (version[:2] + OLDEST)
        )
    if not platform.startswith("linux"):
        return "Sluice runs on Linux; this is %s. A virtual machine or a container will do." % (
            platform,
        )
    for module in modules:
        try:
            __import__(module)
        except ImportError:
            return (
                "This Python has no module %r, which makes virtual environments.\n"
                "On Debian and Ubuntu: apt install python%d.%d-venv" % ((module,) + version[:2])
            )
    return None


if __name__ == "__main__":
    fault = find_fault(tuple(sys.version_info), sys.platform, ("venv", "ensurepip"))
    if fault:
        sys.stderr.write("\n%s\n\n" % fault)
        sys.exit(1)
