"""Pages for visitors: what there is to watch, and watching it."""

from uuid import UUID

from csp.decorators import csp_update
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from control_plane.catalogue.models import Video
from control_plane.content_security import player_additions


@require_safe
def show_catalogue(request: HttpRequest) -> HttpResponse:
    context = {"films": [], "sign_up_open": settings.CONFIG.sign_up}
    return render(request, "web/catalogue.html", context)


@require_safe
@csp_update(player_additions(settings.CONFIG.edge_url))  # type: ignore[arg-type]
def show_watch(request: HttpRequest, video_id: UUID) -> HttpResponse:
    video = get_object_or_404(Video, pk=video_id)
    context = {"video": video, "sign_up_open": settings.CONFIG.sign_up}
    return render(request, "web/watch.html", context)
