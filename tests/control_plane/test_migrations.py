"""Tests that the database is made as the models say."""

import pytest
from django.core.management import call_command


@pytest.mark.django_db
def test_no_model_has_a_change_without_a_migration() -> None:
    call_command("makemigrations", "--check", "--dry-run")
