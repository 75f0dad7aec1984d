"""The change of a password, which ends all other sessions of its account."""

import json
import time
from typing import Any

from allauth.headless import app_settings
from allauth.headless.account.views import ChangePasswordView
from allauth.headless.constants import Client
from django.http import HttpRequest, HttpResponse

from control_plane.accounts.callers import require_caller
from control_plane.accounts.recent_log_ins import check_recent_log_in
from control_plane.errors import Refused, render_problem


class ChangePassword(ChangePasswordView):
    """With new tokens: the session that goes on gets a new key, and its old tokens name the old
    one. Allauth's own answer has none, and so would log the program out that asked. And not for
    whoever has got hold of a session of somebody who has no password yet."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        caller = require_caller(request)
        if not caller.has_usable_password():
            try:
                check_recent_log_in(caller, request.session, now=time.time())
            except Refused as refusal:
                return render_problem(refusal.problem)
        response: HttpResponse = super().post(request, *args, **kwargs)
        if self.client == Client.APP:
            members = json.loads(response.content)
            tokens = app_settings.TOKEN_STRATEGY.create_access_token_payload(request)
            response.content = json.dumps({**members, "meta": {**members["meta"], **tokens}})
        return response
