"""Refusals in the admin: told on the next page, while what else was asked for goes on."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.http import HttpRequest

from control_plane.errors import Refused


@contextmanager
def telling_refusals(
    page: "ModelAdmin[Any]", request: HttpRequest, about: object = ""
) -> Iterator[None]:
    """What is refused within ends there, and is told of; `about` names which of several it was."""
    try:
        yield
    except Refused as refusal:
        detail = f"{about}: {refusal.problem.detail}" if about else refusal.problem.detail
        page.message_user(request, detail, messages.ERROR)
