"""End what is being watched: one session, all of a viewer, a video, an asset, or a key's tokens."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError
from django.utils import timezone

from control_plane.playback.targets import find_target, lift_target, revoke_target
from control_plane.revocations.models import OutboxEntry
from shared.events.revocations import RevocationScope


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        scopes = [scope.value for scope in RevocationScope]
        parser.add_argument("scope", choices=scopes, help="what is named")
        parser.add_argument("id", help="its id; a viewer may be named by e-mail address")
        parser.add_argument("--issuer", help="of another site's session or viewer: who signed")
        parser.add_argument("--lift", action="store_true", help="take a revocation back")

    def handle(self, *_args: Any, **options: Any) -> None:
        scope, name = RevocationScope(options["scope"]), options["id"]
        try:
            target = find_target(scope, name, issuer=options["issuer"])
            if not options["lift"]:
                revoke_target(target, now=timezone.now())
            elif not lift_target(target):
                raise CommandError(f"{scope} {target.subject} is not revoked.")
        except ValueError as error:
            raise CommandError(str(error)) from error
        except OperationalError as error:
            raise CommandError(f"PostgreSQL is away, and nothing was done: {error}") from error
        done = "lifted" if options["lift"] else "revoked"
        self.stdout.write(f"{scope} {target.subject}: {done}.")
        if not target.known:
            self.stdout.write(f"No such {scope} is known here, or none any more.")
        if OutboxEntry.objects.exists():
            self.stdout.write("Redis is away: edges read it from PostgreSQL meanwhile.")
