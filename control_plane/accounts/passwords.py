"""The change of a password, which ends all other sessions of its account."""

import json
from typing import Any

from allauth.headless import app_settings
from allauth.headless.account.views import ChangePasswordView
from allauth.headless.constants import Client
from django.http import HttpRequest, HttpResponse


class ChangePassword(ChangePasswordView):
    """With new tokens: the session that goes on gets a new key, and its old tokens name the old
    one. Allauth's own answer has none, and so would log the program out that asked."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = super().post(request, *args, **kwargs)
        if self.client == Client.APP:
            members = json.loads(response.content)
            tokens = app_settings.TOKEN_STRATEGY.create_access_token_payload(request)
            response.content = json.dumps({**members, "meta": {**members["meta"], **tokens}})
        return response
