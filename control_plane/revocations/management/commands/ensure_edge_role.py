"""Let edges log in to PostgreSQL, to read what is revoked; the password is read from stdin."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import ProgrammingError

from control_plane.revocations.edge_role import PasswordWeak, allow_login
from shared.events.revocations import EDGE_ROLE


class Command(BaseCommand):
    help = __doc__

    def handle(self, *_args: Any, **_options: Any) -> None:
        try:
            allow_login(sys.stdin.readline().rstrip("\r\n"))
        except PasswordWeak as error:
            raise CommandError(f"The password needs {error}.") from error
        except ProgrammingError as error:
            raise CommandError(f"The role of DATABASE_URL may not do that: {error}") from error
        self.stdout.write(f"{EDGE_ROLE}: may log in.")
