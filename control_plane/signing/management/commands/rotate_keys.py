"""Rotate the keys that sign playback tokens, or make the first ones."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from control_plane.signing.rotation import (
    NextKeyTooYoung,
    ensure_keys,
    replace_compromised_key,
    rotate_keys,
)


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--if-missing", action="store_true", help="only make keys where there are none"
        )
        parser.add_argument(
            "--force", action="store_true", help="even if some edge may not know the next key yet"
        )

        parser.add_argument(
            "--compromised",
            action="store_true",
            help="somebody else has the key that signs: replace it now and end all it has signed",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        now = timezone.now()
        if options["if_missing"]:
            ensure_keys(now=now)
            return
        if options["compromised"]:
            self.stdout.write(f"{replace_compromised_key(now=now)}: revoked and forgotten.")
            return
        try:
            rotate_keys(now=now, force=options["force"])
        except NextKeyTooYoung as error:
            raise CommandError(f"{error.problem.detail} Wait, or add --force.") from error
