"""The document that edges fetch."""

import logging
from collections import defaultdict
from datetime import datetime

from django.db.models import Q
from pydantic import ValidationError

from control_plane.errors import require
from control_plane.issuers.documents import describe_issuer
from control_plane.issuers.models import Issuer
from shared.faults import describe_faults
from shared.issuers import IssuerEntry, IssuersDocument

_log = logging.getLogger(__name__)


def published_issuers(*, now: datetime) -> bytes:
    """The sites that may sign, each with those of its videos that are published."""
    videos = _list_videos(now)
    entries = (
        _describe(issuer, videos[issuer.pk]) for issuer in Issuer.objects.filter(enabled=True)
    )
    return IssuersDocument(issuers=tuple(entry for entry in entries if entry)).render()


def access_issuer(issuer_id: int) -> Issuer:
    """A site by its number; raises `NotFound`."""
    return require(
        Issuer.objects.prefetch_related("videos").filter(pk=issuer_id).first(), "No such site."
    )


def _describe(issuer: Issuer, video_ids: set[str]) -> IssuerEntry | None:
    """None for a row that was changed past all checks: it may not keep others from playing."""
    try:
        return describe_issuer(issuer, video_ids)
    except ValidationError as error:
        fault = describe_faults(error)
        _log.error("a site left out", extra={"issuer": issuer.issuer, "fault": fault})
        return None


def _list_videos(now: datetime) -> dict[int, set[str]]:
    shown = Q(videos__withdrawn_at=None) | Q(videos__withdrawn_at__gt=now)
    pairs = Issuer.objects.filter(shown, enabled=True, videos__published_at__lte=now)
    by_issuer: dict[int, set[str]] = defaultdict(set)
    for issuer_id, video_id in pairs.values_list("pk", "videos__id"):
        by_issuer[issuer_id].add(str(video_id))
    return by_issuer
