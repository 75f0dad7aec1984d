"""Playback sessions in the admin: to look at."""

from typing import ClassVar

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from control_plane.playback.models import PlaybackSession


@admin.register(PlaybackSession)
class PlaybackSessionAdmin(ModelAdmin):
    list_display: ClassVar = ["id", "user", "video", "rule", "issued_at", "expires_at"]
    list_select_related: ClassVar = ["user", "video"]
    list_filter: ClassVar = ["rule", "issued_at"]
    search_fields: ClassVar = ["id", "user__email", "video__title"]
    fields: ClassVar = list_display
    readonly_fields: ClassVar = list_display

    def has_add_permission(self, _request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, _request: HttpRequest, _obj: object = None) -> bool:
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: object = None) -> bool:
        return False
