"""Playback sessions in the admin, and what an administrator ends from the pages of users and
videos."""

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from unfold.admin import ModelAdmin

from control_plane.accounts.callers import find_caller, require_caller
from control_plane.accounts.models import User
from control_plane.accounts.permission_names import Permission
from control_plane.accounts.permissions import may
from control_plane.accounts.services import log_out_everywhere
from control_plane.catalogue.models import Video
from control_plane.playback.models import PlaybackSession, TakeDown
from control_plane.playback.selectors import list_sessions, running
from control_plane.playback.services import end_session
from control_plane.playback.take_downs import lift_take_down, take_down
from control_plane.read_only_admin import ReadOnlyAdmin


class RunningFilter(admin.SimpleListFilter):
    """Those that go on, or those that do not."""

    title = "running"
    parameter_name = "running"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "Yes"), ("no", "No")]

    def queryset(
        self, _request: HttpRequest, sessions: QuerySet[PlaybackSession]
    ) -> QuerySet[PlaybackSession]:
        if self.value() is None:
            return sessions
        condition = running(timezone.now())
        return sessions.filter(condition) if self.value() == "yes" else sessions.exclude(condition)


@admin.register(PlaybackSession)
class PlaybackSessionAdmin(ReadOnlyAdmin):
    list_display: ClassVar = ["id", "user", "video", "rule", "issued_at", "expires_at", "state"]
    list_filter: ClassVar = [RunningFilter, "rule", "issued_at"]
    search_fields: ClassVar = ["=id", "=subject", "user__email", "video__title"]
    fields: ClassVar = [
        *list_display,
        "subject",
        "asset",
        "renewed_at",
        "start_by",
        "max_height",
        "max_streams",
        "origins",
        "decision",
    ]
    readonly_fields: ClassVar = fields
    actions: ClassVar = ["end"]

    def get_queryset(self, _request: HttpRequest) -> QuerySet[PlaybackSession]:
        return list_sessions()

    @admin.display(description="State")
    def state(self, session: PlaybackSession) -> str:
        if session.is_ended:
            return "ended"
        return "running" if session.expires_at > timezone.now() else "over"

    @admin.action(description="End", permissions=["end"])
    def end(self, request: HttpRequest, sessions: QuerySet[PlaybackSession]) -> None:
        for session in sessions:
            end_session(session, now=timezone.now())
            self.log_change(request, session, "Ended.")
        self.message_user(request, "They end within two seconds.", messages.SUCCESS)

    def has_end_permission(self, request: HttpRequest) -> bool:
        return may(find_caller(request), Permission.END_SESSIONS)


@admin.register(TakeDown)
class TakeDownAdmin(ModelAdmin):
    """What was taken down; it is lifted from the list of videos."""

    list_display: ClassVar = ["video", "at", "by", "reason"]
    list_select_related: ClassVar = ["video", "by"]
    search_fields: ClassVar = ["=video__id", "video__title", "reason"]
    fields: ClassVar = list_display
    readonly_fields: ClassVar = ["video", "at", "by"]

    def has_add_permission(self, _request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: object = None) -> bool:
        return False


class EndsUsers(ModelAdmin):
    """For the pages of users: logging them out."""

    @admin.action(description="Log out of everything", permissions=["change"])
    def log_out(self, request: HttpRequest, users: QuerySet[User]) -> None:
        for user in users:
            log_out_everywhere(user, now=timezone.now())
            self.log_change(request, user, "Logged out of everything.")
        self.message_user(request, "What they watch ends within two seconds.", messages.SUCCESS)


class EndsVideos(ModelAdmin):
    """For the pages of videos: taking them down."""

    @admin.action(description="Take down", permissions=["change"])
    def take_down(self, request: HttpRequest, videos: QuerySet[Video]) -> None:
        caller = require_caller(request)
        for video in videos:
            take_down(video, by=caller, now=timezone.now())
            self.log_change(request, video, "Taken down.")
        self.message_user(request, "Nobody watches them in two seconds.", messages.SUCCESS)

    @admin.action(description="Lift the taking down", permissions=["change"])
    def lift(self, request: HttpRequest, videos: QuerySet[Video]) -> None:
        for video in videos:
            lift_take_down(video)
            self.log_change(request, video, "The taking down was lifted.")
