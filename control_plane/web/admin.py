"""Users, videos and jobs in the admin as registered below, made to be seen and operated."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Prefetch, QuerySet
from django.forms.widgets import Script
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.safestring import SafeString
from unfold.decorators import action

from control_plane.accounts.admin import UserAdmin
from control_plane.accounts.callers import require_caller
from control_plane.accounts.models import User
from control_plane.accounts.services import list_admins
from control_plane.catalogue.admin import VideoAdmin
from control_plane.catalogue.models import Video
from control_plane.creator_requests.services import settle
from control_plane.entitlements.admin import (
    GrantedInline,
    GranteeInline,
    GrantingPage,
    SubscribedInline,
)
from control_plane.entitlements.models import Visibility
from control_plane.permission_grants.admin import HeldInline, PermittingPage
from control_plane.personal_data.services import delete_account
from control_plane.playback.admin import EndsUsers, EndsVideos
from control_plane.transcodes.admin import TranscodeJobAdmin
from control_plane.transcodes.models import TranscodeJob
from control_plane.web.cells import (
    render_job,
    render_job_in_full,
    render_poster,
    render_trial,
    render_video_state,
)
from control_plane.web.sections import (
    render_captions,
    render_figures,
    render_plan,
    render_posters,
    render_warnings,
)
from shared.jobs import JobState


class LiveMedia:
    """What lists with live cells load."""

    css: ClassVar = {"all": ["web/admin.css"]}
    js: ClassVar = [
        Script(f"web/{name}.js", type="module") for name in ("jobs", "posts", "captions")
    ]


class WatcherAdmin(PermittingPage, GrantingPage, EndsUsers, UserAdmin):
    """Users with what they may watch; they can be logged out."""

    actions: ClassVar = [*UserAdmin.actions, "log_out"]

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Whoever is made a creator need not be told to wait any more."""
        super().save_model(request, obj, form, change)
        if "role" in form.changed_data:
            _settle(request, obj)

    @admin.action(description="Make viewers creators")
    def make_creators(self, request: HttpRequest, users: QuerySet[User]) -> None:
        chosen = list(users)
        super().make_creators(request, users)
        for user in User.objects.filter(pk__in=[one.pk for one in chosen]):
            _settle(request, user)

    def get_inlines(self, request: HttpRequest, user: User | None) -> list[Any]:
        own: list[Any] = super().get_inlines(request, user)
        return own if user is None else [*own, HeldInline, GrantedInline, SubscribedInline]

    def get_deleted_objects(
        self, users: Sequence[User] | QuerySet[User], request: HttpRequest
    ) -> tuple[list[Any], dict[str, int], set[str], list[str]]:
        """Films and courses go with their owner; nobody goes who is the last administrator."""
        listed, counts, lacking, kept = super().get_deleted_objects(users, request)
        others = list_admins().exclude(pk__in=[user.pk for user in users])
        if not others.exists():
            return listed, counts, lacking, ["the site's last administrator"]
        return [*listed, *kept], counts, lacking, []

    def delete_model(self, _request: HttpRequest, user: User) -> None:
        delete_account(user, now=timezone.now())

    def delete_queryset(self, _request: HttpRequest, users: QuerySet[User]) -> None:
        for user in users:
            delete_account(user, now=timezone.now())


class FilmAdmin(GrantingPage, EndsVideos, VideoAdmin):
    """Videos with poster and state; new ones come by the upload page."""

    list_display: ClassVar = ["card", "title", "state", "seen_by", "owner", "created_at"]
    list_display_links: ClassVar = ["title"]
    list_select_related: ClassVar = ["owner", "asset"]
    fields = None  # type: ignore[assignment]
    fieldsets: ClassVar = [
        (None, {"fields": ["card", "transcode", *VideoAdmin.fields]}),
        ("Plan", {"fields": ["plan"]}),
        ("Captions and poster", {"fields": ["caption_files", "posters"]}),
        ("Check before publishing", {"fields": ["findings", "figures"]}),
    ]
    readonly_fields: ClassVar = [
        "card",
        "transcode",
        "plan",
        "caption_files",
        "posters",
        "findings",
        "figures",
        *VideoAdmin.readonly_fields,
    ]
    inlines: ClassVar = [GranteeInline, *VideoAdmin.inlines]
    actions_list: ClassVar = ["upload"]
    actions: ClassVar = [*VideoAdmin.actions, "take_down", "lift"]

    Media = LiveMedia

    def has_add_permission(self, _request: HttpRequest) -> bool:
        return False

    @action(description="Upload films", icon="upload")  # type: ignore[untyped-decorator]
    def upload(self, _request: HttpRequest) -> HttpResponse:
        return redirect("web:admin-upload")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Video]:
        """With the newest jobs, in one query more."""
        jobs = TranscodeJob.objects.filter(is_dry_run=False).select_related("video")
        newest = jobs.order_by("video_id", "-id").distinct("video_id")
        videos: QuerySet[Video] = super().get_queryset(request)
        return videos.prefetch_related(Prefetch("jobs", newest, to_attr="newest_jobs"))

    @admin.display(description="Poster")
    def card(self, video: Video) -> SafeString:
        return render_poster(video)

    @admin.display(description="State", ordering="published_at")
    def state(self, video: Video) -> str:
        return render_video_state(video, _find_newest(video))

    @admin.display(description="State")
    def transcode(self, video: Video) -> str:
        newest = _find_newest(video)
        is_shown = newest is not None and newest.state != JobState.READY
        return render_job_in_full(newest) if newest and is_shown else self.state(video)

    @admin.display(description="What is made, and why")
    def plan(self, video: Video) -> SafeString:
        jobs = video.jobs.order_by("-id")
        newest = jobs.first()
        is_tried = newest is not None and newest.is_dry_run and newest.state != JobState.READY
        trial = render_trial(newest) if newest and is_tried else ""
        planned = jobs.filter(plan__isnull=False).first()
        return render_plan(planned, video=video, trial=trial)

    @admin.display(description="Captions")
    def caption_files(self, video: Video) -> SafeString:
        return render_captions(video)

    @admin.display(description="Poster")
    def posters(self, video: Video) -> SafeString:
        return render_posters(video)

    @admin.display(description="Warnings")
    def findings(self, video: Video) -> SafeString:
        return render_warnings([] if video.asset is None else video.asset.warnings)

    @admin.display(description="Measured")
    def figures(self, video: Video) -> SafeString:
        return render_figures(video.asset)

    @admin.display(description="Seen by", ordering="visibility")
    def seen_by(self, video: Video) -> str:
        return Visibility(video.visibility).name.capitalize()


class LiveJobAdmin(TranscodeJobAdmin):
    """Jobs by their films, with live progress."""

    list_display: ClassVar = ["film", "progress", "priority", "restarts", "created_at"]
    list_display_links: ClassVar = ["film"]
    fields: ClassVar = [
        *("rungs_and_all" if name == "progress" else name for name in TranscodeJobAdmin.fields),
        "plan_summary",
        "findings",
    ]
    readonly_fields: ClassVar = fields

    Media = LiveMedia

    @admin.display(description="Film", ordering="video__title")
    def film(self, job: TranscodeJob) -> str:
        return job.video.title

    @admin.display(description="Progress", ordering="state")
    def progress(self, job: TranscodeJob) -> SafeString:
        return render_job(job)

    @admin.display(description="Progress")
    def rungs_and_all(self, job: TranscodeJob) -> SafeString:
        return render_job_in_full(job)

    @admin.display(description="Plan")
    def plan_summary(self, job: TranscodeJob) -> SafeString:
        return render_plan(job)

    @admin.display(description="Warnings")
    def findings(self, job: TranscodeJob) -> SafeString:
        return render_warnings(job.warnings)


def _settle(request: HttpRequest, user: User) -> None:
    settle(user, by=require_caller(request), now=timezone.now(), request=request)


def _find_newest(video: Video) -> TranscodeJob | None:
    jobs: list[TranscodeJob] = getattr(video, "newest_jobs", [])
    return jobs[0] if jobs else None


for _model, _pages in ((User, WatcherAdmin), (Video, FilmAdmin), (TranscodeJob, LiveJobAdmin)):
    admin.site.unregister(_model)
    admin.site.register(_model, _pages)
