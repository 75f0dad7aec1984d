"""Make an administrator unless the address has an account; the password is read from stdin."""

import sys
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from control_plane.accounts.services import ensure_admin


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--email", required=True, help="the administrator's address")

    def handle(self, *_args: Any, **options: Any) -> None:
        email = options["email"]
        try:
            made = ensure_admin(email=email, password=sys.stdin.readline().rstrip("\r\n"))
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        self.stdout.write(f"{email}: {'made' if made else 'has an account, left as it is'}.")
