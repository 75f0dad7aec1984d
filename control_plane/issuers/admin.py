"""Other sites in the admin: who may sign, for what."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils import timezone
from unfold.admin import ModelAdmin

from control_plane.issuers.models import Issuer
from control_plane.issuers.services import delete_issuer, find_obstacles, store_issuer


class IssuerForm(ModelForm):  # type: ignore[type-arg]  # the stub alone is generic
    """Refuses what edges would not take, with their reasons."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors:
            facts = {name: value for name, value in cleaned.items() if name != "videos"}
            for obstacle in find_obstacles(Issuer(pk=self.instance.pk, **facts)):
                self.add_error(None, obstacle)
        return cleaned


@admin.register(Issuer)
class IssuerAdmin(ModelAdmin):
    form = IssuerForm
    list_display: ClassVar = ["issuer", "enabled", "max_life_s", "max_height", "max_streams"]
    list_filter: ClassVar = ["enabled"]
    search_fields: ClassVar = ["issuer"]
    fields: ClassVar = [
        "issuer",
        "enabled",
        "jwks",
        "videos",
        "max_life_s",
        "max_height",
        "max_streams",
        "origins",
    ]
    autocomplete_fields: ClassVar = ["videos"]

    def save_model(self, _request: HttpRequest, issuer: Issuer, _form: Any, _change: bool) -> None:
        store_issuer(issuer, now=timezone.now())

    def delete_model(self, _request: HttpRequest, issuer: Issuer) -> None:
        delete_issuer(issuer, now=timezone.now())

    def delete_queryset(self, _request: HttpRequest, issuers: QuerySet[Issuer]) -> None:
        for issuer in issuers:
            delete_issuer(issuer, now=timezone.now())
