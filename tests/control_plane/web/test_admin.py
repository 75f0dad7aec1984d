"""Tests for the admin's pages: that all of them open, and what lists show and do."""

from http import HTTPStatus

import pytest
from django.contrib import admin
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from control_plane.accounts.models import User
from control_plane.catalogue.media import open_store
from control_plane.catalogue.models import Video
from control_plane.entitlements.models import Grant
from control_plane.ids import make_uuid7
from control_plane.playback.services import start_playback
from control_plane.transcodes.models import Stage, TranscodeJob
from control_plane.uploads.models import Upload
from control_plane.web.cells import describe_job
from shared.jobs import FailureReason, JobState
from shared.paths import asset_report_key
from shared.report import Report, StreamFigures, render_report
from tests.control_plane.web.conftest import MakeVideo

pytestmark = pytest.mark.django_db

VIDEOS = "/admin/catalogue/video/"
JOBS = "/admin/transcodes/transcodejob/"
PLAN = {
    "duration_ms": 20_000,
    "bytes_estimate": 10**6,
    "cpu_s_estimate": 90.0,
    "disk_bytes_needed": 2 * 10**6,
    "summary": {
        "rungs": [
            {
                "height": 360,
                "width_px": 640,
                "height_px": 360,
                "frame_rate": "30/1",
                "max_bit_rate_bps": 900_000,
                "reason": "fits the picture",
            }
        ],
        "left_out": [{"height": 720, "reason": "larger than the picture"}],
        "audio": [{"name": "English", "language": "en", "channels": 2}],
        "texts": [],
        "warnings": [],
    },
}


@pytest.fixture
def operator(client: Client, owner: User) -> Client:
    """A browser of an administrator."""
    client.force_login(owner)
    return client


def see(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == HTTPStatus.OK
    return answer.content.decode()


def make_job(video: Video, state: JobState, **facts: object) -> TranscodeJob:
    return TranscodeJob.objects.create(video=video, source_key="o/v/u", state=state, **facts)


def make_one_of_each(make_video: MakeVideo, owner: User) -> None:
    video = make_video()
    make_job(video, JobState.READY)
    Grant.objects.create(video=video, user=owner)
    Upload.objects.create(owner=owner, video=video, size_bytes=1, expires_at=timezone.now())
    start_playback(owner, video.pk, now=timezone.now())


@pytest.mark.parametrize("model", list(admin.site._registry), ids=lambda model: model.__name__)
def test_every_list_and_page_opens(
    operator: Client, make_video: MakeVideo, owner: User, model: type[Model]
) -> None:
    make_one_of_each(make_video, owner)
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    see(operator, reverse(f"{name}_changelist"))
    for thing in model._default_manager.all()[:1]:
        see(operator, reverse(f"{name}_change", args=[thing.pk]))


def test_the_side_bar_leads_to_pages_that_exist(operator: Client) -> None:
    groups = operator.get("/admin/").context["sidebar_navigation"]
    links = [item["link"] for group in groups for item in group["items"]]
    assert len(links) > 5
    assert [operator.get(link).status_code for link in links] == [HTTPStatus.OK] * len(links)


def test_the_overview_counts_and_lists_the_newest_jobs(
    operator: Client, make_video: MakeVideo
) -> None:
    make_job(make_video("Published film"), JobState.READY)
    make_job(make_video("Film at work", published_at=None, asset=False), JobState.RUNNING)
    lost = make_video("Lost film", published_at=None, asset=False)
    make_job(lost, JobState.FAILED, failure_reason=FailureReason.CORRUPT)
    answer = operator.get("/admin/")
    figures = {figure["name"]: figure["count"] for figure in answer.context["figures"]}
    assert figures == {
        "Published films": 1,
        "Drafts": 2,
        "Jobs at work": 1,
        "Failed jobs": 1,
        "Creator requests": 0,
        "Users": 1,
        "Waiting to be let in": 0,
    }
    assert "Film at work" in answer.content.decode()


def test_an_overview_of_nothing_leads_to_the_upload_page(operator: Client) -> None:
    assert "No film was uploaded yet" in see(operator, "/admin/")


@pytest.mark.parametrize(
    ("facts", "state", "shown"),
    [
        ({}, None, "Published"),
        ({}, JobState.RUNNING, "42 %"),
        ({"published_at": None}, JobState.READY, "/publish"),
        ({"published_at": None, "asset": False}, JobState.QUEUED, "Waiting for a worker"),
        ({"published_at": None, "asset": False}, None, "No film yet"),
    ],
    ids=["published", "transcoded anew", "ready", "queued", "empty"],
)
def test_the_list_of_videos_shows_where_each_stands(
    operator: Client,
    make_video: MakeVideo,
    facts: dict[str, None],
    state: JobState | None,
    shown: str,
) -> None:
    video = make_video(**facts)
    if state is not None:
        make_job(video, state, stage=Stage.ENCODING, fraction=0.42)
    assert shown in see(operator, VIDEOS)


def test_a_videos_newest_job_counts(operator: Client, make_video: MakeVideo) -> None:
    video = make_video(published_at=None, asset=False)
    older, newer = sorted((make_uuid7(), make_uuid7()))  # one millisecond may hold both
    make_job(video, JobState.FAILED, id=older, failure_reason=FailureReason.CORRUPT)
    newest = make_job(video, JobState.QUEUED, id=newer)
    page = see(operator, VIDEOS)
    assert f'data-job="{newest.pk}" data-state="queued"' in page
    assert "failed" not in page.replace("failed cancelled", "")


@pytest.mark.parametrize("path", [VIDEOS, JOBS])
def test_a_list_costs_the_same_however_long_it_is(
    operator: Client, make_video: MakeVideo, path: str
) -> None:
    def count_queries() -> int:
        make_job(make_video(), JobState.READY)
        with CaptureQueriesContext(connection) as queries:
            see(operator, path)
        return len(queries)

    count_queries()  # fills caches
    assert count_queries() == count_queries()


def test_videos_are_not_added_but_by_the_upload_page(operator: Client) -> None:
    assert operator.get(f"{VIDEOS}add/").status_code == HTTPStatus.FORBIDDEN
    assert operator.get(f"{VIDEOS}upload/").headers["Location"] == "/admin/upload"


@pytest.mark.parametrize("action", ["publish", "unpublish"])
def test_several_videos_are_published_at_once(
    operator: Client, make_video: MakeVideo, action: str
) -> None:
    is_published = action == "publish"
    videos = [make_video(published_at=None if is_published else timezone.now()) for _ in range(2)]
    chosen = {"action": action, "_selected_action": [str(video.pk) for video in videos]}
    assert operator.post(VIDEOS, chosen).status_code == HTTPStatus.FOUND
    assert Video.objects.filter(published_at__isnull=not is_published).count() == len(videos)


def test_a_job_can_be_retried_from_its_list(operator: Client, make_video: MakeVideo) -> None:
    job = make_job(make_video(asset=False), JobState.FAILED, failure_reason=FailureReason.TRUNCATED)
    page = see(operator, JOBS)
    assert f'data-post="/api/v1/jobs/{job.pk}/retry"' in page
    assert "The file ends before the film does." in page


@pytest.mark.parametrize(
    ("state", "stage", "text"),
    [
        (JobState.QUEUED, Stage.PLANNING, "Waiting for a worker"),
        (JobState.RUNNING, Stage.PLANNING, "Planning"),
        (JobState.RUNNING, Stage.ENCODING, "42 %"),
        (JobState.RUNNING, Stage.PACKAGING, "Packaging, 42 %"),
        (JobState.PUBLISHING, Stage.PACKAGING, "Publishing"),
        (JobState.READY, Stage.PACKAGING, "Ready"),
        (
            JobState.FAILED,
            Stage.ENCODING,
            "The file, or its picture, is larger than this site accepts.",
        ),
        (JobState.CANCELLED, Stage.ENCODING, "Cancelled"),
    ],
)
def test_every_state_has_words(state: JobState, stage: Stage, text: str) -> None:
    reason = FailureReason.TOO_LARGE
    job = TranscodeJob(state=state, stage=stage, fraction=0.4288, failure_reason=reason)
    assert describe_job(job) == text


def test_a_title_is_text_and_not_markup(operator: Client, make_video: MakeVideo) -> None:
    make_job(make_video("<script>alert(1)</script>"), JobState.READY)
    for path in ("/admin/", VIDEOS, JOBS):
        assert "<script>alert" not in see(operator, path)


def test_the_admins_policy_is_looser_but_runs_no_inline_script(operator: Client) -> None:
    policy = operator.get("/admin/").headers["Content-Security-Policy"]
    assert "script-src 'self' 'unsafe-eval'" in policy
    assert "'unsafe-inline'" not in policy.partition("script-src")[2].partition(";")[0]


def see_page(client: Client, thing: Model) -> str:
    name = f"admin:{thing._meta.app_label}_{thing._meta.model_name}_change"
    return see(client, reverse(name, args=[thing.pk]))


def test_a_jobs_page_shows_every_rung(operator: Client, make_video: MakeVideo) -> None:
    rungs = {"1080": 0.1, "360": 0.9}
    job = make_job(make_video(), JobState.RUNNING, stage=Stage.ENCODING, rungs=rungs)
    page = see_page(operator, job)
    assert page.index('data-rung="360"') < page.index('data-rung="1080"')
    assert 'value="0.9000"' in page


def test_a_jobs_page_shows_its_chunks(operator: Client, make_video: MakeVideo) -> None:
    job = make_job(make_video(), JobState.RUNNING)
    job.chunks.create(number=1, kind="encode", worker="host:42", heights=[360, 720])
    assert "host:42" in see_page(operator, job)


def test_a_films_page_shows_what_was_planned_and_why(
    operator: Client, make_video: MakeVideo
) -> None:
    video = make_video()
    make_job(video, JobState.READY, plan=PLAN, is_dry_run=True)
    page = see_page(operator, video)
    for text in ("360p", "fits the picture", "larger than the picture", "0:20", "2 minutes"):
        assert text in page
    assert "too little room" not in page
    assert f'data-post="/api/v1/videos/{video.pk}/plan"' in page


def test_a_films_page_warns_of_too_little_room(operator: Client, make_video: MakeVideo) -> None:
    video = make_video()
    make_job(video, JobState.READY, plan={**PLAN, "disk_bytes_needed": 10**18}, is_dry_run=True)
    assert "too little room" in see_page(operator, video)


def test_a_films_page_follows_its_dry_run(operator: Client, make_video: MakeVideo) -> None:
    video = make_video()
    make_job(video, JobState.READY, plan=PLAN)
    trial = make_job(video, JobState.RUNNING, is_dry_run=True)
    page = see_page(operator, video)
    assert f'data-job="{trial.pk}" data-state="running"' in page
    assert "fits the picture" in page


def test_a_films_page_tells_why_a_dry_run_failed(operator: Client, make_video: MakeVideo) -> None:
    video = make_video()
    facts = {"is_dry_run": True, "failure_reason": FailureReason.TRUNCATED}
    trial = make_job(video, JobState.FAILED, **facts)
    assert "ends before the film does" in see_page(operator, video)
    make_job(video, JobState.READY, plan=PLAN)
    assert str(trial.pk) not in see_page(operator, video)


def test_a_dry_run_is_not_the_state_of_its_film(operator: Client, make_video: MakeVideo) -> None:
    video = make_video(published_at=None, asset=False)
    make_job(video, JobState.READY, is_dry_run=True)
    assert "No film yet" in see(operator, VIDEOS)


def test_a_films_page_shows_the_warnings_about_its_asset(
    operator: Client, make_video: MakeVideo
) -> None:
    video = make_video()
    assert video.asset is not None
    video.asset.warnings = [{"rule": "1.30", "name": "video/720", "text": "peaks are <high>"}]
    video.asset.save()
    page = see_page(operator, video)
    assert "peaks are &lt;high&gt;" in page
    assert "<high>" not in page


FIGURES = StreamFigures(
    name="video/720/media.m3u8",
    kind="video",
    codecs="avc1.64001f",
    duration_ms=24_000,
    segments=4,
    frames=719,
    key_frames=12,
    size_bytes=6_000_000,
    overhead_bytes=12_000,
    peak_bps=2_345_678,
    average_bps=2_000_000,
    width_px=1280,
    height_px=720,
    frame_rate="29.970",
)


def test_a_films_page_shows_what_was_measured_of_its_asset(
    operator: Client, make_video: MakeVideo
) -> None:
    video = make_video()
    assert "Nothing was measured yet." in see_page(operator, video)
    report = Report(failures=(), warnings=(), figures=(FIGURES,))
    key = asset_report_key(str(video.asset_id))
    open_store().put(key, render_report(report))
    page = see_page(operator, video)
    for text in ("video/720/media.m3u8", "29.970", "719 frames", "2346, 2000 kbit/s", "0.20%"):
        assert text in page
    open_store().put(key, b"{}")
    assert "Nothing was measured yet." in see_page(operator, video)


def test_a_films_page_shows_its_captions(operator: Client, make_video: MakeVideo) -> None:
    video = make_video()
    caption = video.captions.create(language="de", name="<Deutsch>", cues=7, is_forced=True)
    page = see_page(operator, video)
    assert "&lt;Deutsch&gt; (de, forced): 7 cues" in page
    assert f'data-post="/api/v1/videos/{video.pk}/captions/{caption.pk}"' in page


def test_a_failed_job_is_started_over_from_its_page(
    operator: Client, make_video: MakeVideo
) -> None:
    job = make_job(make_video(), JobState.FAILED, failure_reason=FailureReason.INTERNAL)
    assert "&quot;from_start&quot;: true" in see_page(operator, job) or (
        '{"from_start": true}' in see_page(operator, job)
    )


@pytest.mark.parametrize(
    ("action", "priority"), [("put_first", 2), ("put_in_line", 1), ("put_last", 0)]
)
def test_jobs_are_put_before_others_and_after_them(
    operator: Client, make_video: MakeVideo, action: str, priority: int
) -> None:
    job = make_job(make_video(), JobState.QUEUED)
    operator.post(JOBS, {"action": action, "_selected_action": [str(job.pk)]})
    assert TranscodeJob.objects.get().priority == priority
