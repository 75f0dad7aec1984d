"""Tests for the command `rotate_keys`."""

import pytest
from django.core.management import CommandError, call_command

from control_plane.signing.models import SigningKey

pytestmark = pytest.mark.django_db


def stages() -> dict[str, str]:
    return dict(SigningKey.objects.values_list("stage", "kid"))


def test_first_keys_are_made_and_left_alone_the_next_time() -> None:
    call_command("rotate_keys", "--if-missing")
    before = stages()
    call_command("rotate_keys", "--if-missing")
    assert stages() == before
    assert set(before) == {"current", "next"}


def test_a_rotation_too_soon_is_refused_with_the_remedy() -> None:
    call_command("rotate_keys", "--if-missing")
    with pytest.raises(CommandError, match="--force"):
        call_command("rotate_keys")


def test_a_forced_rotation_is_done() -> None:
    call_command("rotate_keys", "--if-missing")
    before = stages()
    call_command("rotate_keys", "--force")
    assert stages()["current"] == before["next"]
