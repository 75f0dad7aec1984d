"""Videos and jobs in the admin as their owners register them, made to be seen and operated."""

from typing import ClassVar

from django.contrib import admin
from django.db.models import Prefetch, QuerySet
from django.forms.widgets import Script
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.safestring import SafeString
from unfold.decorators import action

from control_plane.catalogue.admin import VideoAdmin
from control_plane.catalogue.models import Video
from control_plane.entitlements.models import Visibility
from control_plane.transcodes.admin import TranscodeJobAdmin
from control_plane.transcodes.models import TranscodeJob
from control_plane.web.cells import render_job, render_poster, render_video_state


class LiveMedia:
    """What lists with live cells load."""

    css: ClassVar = {"all": ["web/admin.css"]}
    js: ClassVar = [Script("web/jobs.js", type="module"), Script("web/posts.js", type="module")]


class FilmAdmin(VideoAdmin):
    """Videos with poster and state; new ones come by the upload page."""

    list_display: ClassVar = ["poster", "title", "state", "seen_by", "owner", "created_at"]
    list_display_links: ClassVar = ["title"]
    list_select_related: ClassVar = ["owner", "asset"]
    fields: ClassVar = ["poster", "state", *VideoAdmin.fields]
    readonly_fields: ClassVar = ["poster", "state", *VideoAdmin.readonly_fields]
    actions_list: ClassVar = ["upload"]

    Media = LiveMedia

    def has_add_permission(self, _request: HttpRequest) -> bool:
        return False

    @action(description="Upload films", icon="upload")  # type: ignore[untyped-decorator]
    def upload(self, _request: HttpRequest) -> HttpResponse:
        return redirect("web:admin-upload")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Video]:
        """With the newest jobs, in one query more."""
        newest = TranscodeJob.objects.order_by("video_id", "-id").distinct("video_id")
        videos: QuerySet[Video] = super().get_queryset(request)
        return videos.prefetch_related(Prefetch("jobs", newest, to_attr="newest_jobs"))

    @admin.display(description="Poster")
    def poster(self, video: Video) -> SafeString:
        return render_poster(video)

    @admin.display(description="State", ordering="published_at")
    def state(self, video: Video) -> str:
        jobs: list[TranscodeJob] = getattr(video, "newest_jobs", [])
        return render_video_state(video, jobs[0] if jobs else None)

    @admin.display(description="Seen by", ordering="visibility")
    def seen_by(self, video: Video) -> str:
        return Visibility(video.visibility).name.capitalize()


class LiveJobAdmin(TranscodeJobAdmin):
    """Jobs by their films, with live progress."""

    list_display: ClassVar = ["film", "progress", "attempt", "created_at"]
    list_display_links: ClassVar = ["film"]

    Media = LiveMedia

    @admin.display(description="Film", ordering="video__title")
    def film(self, job: TranscodeJob) -> str:
        return job.video.title

    @admin.display(description="Progress", ordering="state")
    def progress(self, job: TranscodeJob) -> SafeString:
        return render_job(job)


for _model, _pages in ((Video, FilmAdmin), (TranscodeJob, LiveJobAdmin)):
    admin.site.unregister(_model)
    admin.site.register(_model, _pages)
