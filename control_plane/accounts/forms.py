"""What allauth's sign-up asks on top of address and password."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from control_plane.accounts.models import User


class SignUpForm(forms.Form):
    """Named in the settings; allauth's own form derives from it."""

    display_name = forms.CharField(required=False, max_length=80)
    invitation = forms.CharField(required=False, max_length=64)

    def clean(self) -> dict[str, Any]:
        """Judge the password beside the address, which allauth's own check does not see."""
        cleaned = super().clean() or self.cleaned_data
        if "password" in cleaned:
            try:
                validate_password(cleaned["password"], User(email=cleaned.get("email", "")))
            except ValidationError as error:
                self.add_error("password", error)
        return cleaned

    def signup(self, _request: HttpRequest, user: User) -> None:
        user.display_name = self.cleaned_data["display_name"] or user.display_name
        user.save(update_fields=["display_name"])
