"""Encrypt the secrets of second factors under the newest key of SLUICE_CONTROL_KEK."""

from typing import Any

from django.core.management.base import BaseCommand

from control_plane.accounts.second_factors import renew_secrets


class Command(BaseCommand):
    help = __doc__

    def handle(self, *_args: Any, **_options: Any) -> None:
        self.stdout.write(f"{renew_secrets()} encrypted anew.")
