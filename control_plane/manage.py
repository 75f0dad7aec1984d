"""Django's management commands: `python -m control_plane.manage <command>`."""

import os
import sys

from django.core.management import execute_from_command_line


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "control_plane.settings")  # noqa: TID251
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
