"""Django's management commands: `python -m control_plane.manage <command>`."""

import os
import sys

from django.core.management import execute_from_command_line

from shared.runtime.config import ConfigInvalid
from shared.runtime.logs import configure_logging


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "control_plane.settings")  # noqa: TID251
    configure_logging("control_plane")
    try:
        execute_from_command_line(sys.argv)
    except ConfigInvalid as error:
        sys.exit(f"control_plane: the environment is not complete:\n{error}")


if __name__ == "__main__":
    main()
