"""How allauth meets this site: who may sign up, and where a request comes from."""

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest

from control_plane.client_address import find_client_address


class AccountAdapter(DefaultAccountAdapter):
    """Named in the settings; allauth asks it."""

    def is_open_for_signup(self, _request: HttpRequest) -> bool:
        return settings.CONFIG.sign_up

    def get_client_ip(self, request: HttpRequest) -> str:
        """What failed log-ins are counted by, beside the account."""
        return find_client_address(
            request.META["REMOTE_ADDR"], request.headers, trusted=settings.CONFIG.trusted_proxies
        )
