"""Signing up with an address and a password."""

from typing import Any, ClassVar

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.signup import complete_signup, prevent_enumeration
from allauth.headless.account.inputs import SignupInput
from allauth.headless.account.views import SignupView
from allauth.headless.base.response import AuthenticationResponse, ConflictResponse
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from control_plane.accounts.models import User
from control_plane.accounts.sign_up import Admission, admit, settle
from control_plane.errors import Refused, render_problem


class SignUpInput(SignupInput):
    """What a newcomer sends, and how an account is made of it."""

    @transaction.atomic
    def make_user(self, request: HttpRequest) -> User | None:
        """The new user; None where the address has an account already. Raises `Refused`."""
        email, now = self.cleaned_data["email"], timezone.now()
        admission = admit(self.cleaned_data["invitation"], email=email, now=now)
        if self.account_already_exists:
            # as for a newcomer, or the time that it takes would tell who has an account
            make_password(self.cleaned_data["password"])
            return None
        user = self._save_unless_taken(request, admission)
        if user is not None:
            settle(user, admission, request=request, now=now)
        return user

    def _save_unless_taken(self, request: HttpRequest, admission: Admission) -> User | None:
        if admission.is_address_proven:
            get_adapter().stash_verified_email(request, self.cleaned_data["email"])
        try:
            with transaction.atomic():
                user: User = self.save(request)
        except IntegrityError:  # by somebody who signed up at the same moment
            return None
        return user


class SignUp(SignupView):
    """With our decision on who may, and a new account made whole or not at all."""

    input_class: ClassVar = {"POST": SignUpInput}

    def post(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        response: HttpResponse
        if request.user.is_authenticated:
            response = ConflictResponse(request)
            return response
        try:
            user = self.input.make_user(request)
        except Refused as refusal:
            return render_problem(refusal.problem)
        if user is None:
            response = prevent_enumeration(request, email=self.input.cleaned_data["email"])
        else:
            response = complete_signup(request, user=user)
        response = AuthenticationResponse.from_response(request, response)
        return response
