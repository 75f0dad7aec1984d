"""Pages for visitors: what there is to watch, and watching it."""

from http import HTTPStatus
from uuid import UUID

from csp.decorators import csp_update
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_safe

from control_plane.accounts.callers import find_caller
from control_plane.catalogue.models import Video
from control_plane.content_security import player_additions
from control_plane.entitlements.decisions import Rule, Verdict
from control_plane.entitlements.places import find_place
from control_plane.entitlements.selectors import judge, user_viewer
from control_plane.transcodes.models import TranscodeJob
from control_plane.web.films import list_films, make_film
from control_plane.web.rendering import show_page


@require_safe
def show_catalogue(request: HttpRequest) -> HttpResponse:
    page = list_films(find_caller(request), before=_read_before(request), now=timezone.now())
    return show_page(request, "web/catalogue.html", page=page)


@require_safe
@csp_update(player_additions(settings.CONFIG.edge_url))  # type: ignore[arg-type]
def show_watch(request: HttpRequest, video_id: UUID) -> HttpResponse:
    """The film's page for who may watch it; whoever may not is told why, and nothing of it."""
    now = timezone.now()
    video = get_object_or_404(Video.objects.select_related("asset"), pk=video_id)
    verdict = judge(user_viewer(find_caller(request), find_place(request)), video, now=now)
    if verdict.rule is Rule.DRAFT:
        raise Http404
    if not verdict.allowed:
        return show_page(request, "web/closed.html", status=HTTPStatus.FORBIDDEN, verdict=verdict)
    film, job = make_film(video, now=now), _find_job(video, verdict)
    return show_page(request, "web/watch.html", film=film, video=video, job=job)


def _read_before(request: HttpRequest) -> UUID | None:
    text = request.GET.get("before")
    try:
        return UUID(text) if text else None
    except ValueError:
        raise Http404 from None


def _find_job(video: Video, verdict: Verdict) -> TranscodeJob | None:
    """What the owner of an unready film is shown: the newest job."""
    if video.asset_id is not None or verdict.rule is not Rule.PREVIEW:
        return None
    return TranscodeJob.objects.filter(video=video).first()
