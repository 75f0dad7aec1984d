"""Tests for control_plane/accounts/second_factors.py: what is kept, and under which key."""

import pytest
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet
from django.core.management import call_command
from pydantic import SecretStr
from pytest_django import Settings

from control_plane.encryption import SecretUnreadable
from tests.control_plane.accounts.journeys import join
from tests.control_plane.accounts.second_steps import give_code, set_up_app, show_code

pytestmark = pytest.mark.django_db


def use_keys(settings: Settings, *keys: str) -> None:
    kek = SecretStr(",".join(keys))
    settings.CONFIG = settings.CONFIG.model_copy(update={"kek": kek})


def test_secrets_follow_the_newest_key(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = settings.CONFIG.kek.get_secret_value(), Fernet.generate_key().decode()
    secret = set_up_app(join())
    use_keys(settings, new, old)
    call_command("renew_second_factors")
    assert capsys.readouterr().out == "2 encrypted anew.\n"
    use_keys(settings, new)
    assert give_code(show_code(secret, ahead=1)).status_code == 200
    assert len(Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()) == 10


def test_what_no_key_opens_is_left_as_it_is(settings: Settings) -> None:
    set_up_app(join())
    kept = list(Authenticator.objects.values_list("data"))
    use_keys(settings, Fernet.generate_key().decode())
    with pytest.raises(SecretUnreadable):
        call_command("renew_second_factors")
    assert list(Authenticator.objects.values_list("data")) == kept
