"""How captions and posters are shown, and what may be said about them."""

from datetime import datetime
from typing import Any, Final

from rest_framework import serializers

from control_plane.catalogue.models import Caption, Video
from control_plane.sidecars.selectors import find_chosen, list_posters
from control_plane.signing.posters import poster_url
from shared.paths import POSTER_CANDIDATE

# RFC 5646 in outline: `en`, `pt-BR`, `zh-Hant-TW`; and what a playlist's quoted string may hold.
_LANGUAGE: Final = r"^[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}$"
_NAME: Final = r'^[^"\x00-\x1f\x7f]+$'


class CaptionSerializer(serializers.ModelSerializer[Caption]):
    """Captions that came as a file."""

    class Meta:
        model = Caption
        fields = ("id", "language", "name", "is_forced", "is_sdh", "cues", "created_at")
        read_only_fields = fields


class CaptionInput(serializers.Serializer[Any]):
    """A form with a SubRip or WebVTT file."""

    file = serializers.FileField(allow_empty_file=True)
    language = serializers.RegexField(_LANGUAGE, help_text="As in BCP 47: `en`, `pt-BR`.")
    name = serializers.RegexField(
        _NAME, max_length=100, help_text="As players list it; not twice in one film."
    )
    is_forced = serializers.BooleanField(
        default=False, help_text="Shown though nobody asked: what is said in another language."
    )
    is_sdh = serializers.BooleanField(
        default=False, help_text="Tells of sounds, too: for those who do not hear."
    )


class PosterCandidate(serializers.Serializer[Any]):
    """A picture of the film that may be its poster."""

    number = serializers.IntegerField()
    url = serializers.URLField()


class PosterSerializer(serializers.Serializer[Any]):
    """The pictures to choose from; `chosen` is null while the best one was taken."""

    chosen = serializers.IntegerField(allow_null=True)
    candidates = PosterCandidate(many=True)


class PosterInput(serializers.Serializer[Any]):
    """A choice; null leaves it to us."""

    number = serializers.IntegerField(allow_null=True, min_value=1)


def describe_posters(video: Video, *, now: datetime) -> dict[str, Any]:
    """What `PosterSerializer` shows."""
    is_draft = video.published_at is None
    candidates = [
        {
            "number": number,
            "url": poster_url(
                video.pk,
                video.asset.pk,
                now=now,
                is_draft=is_draft,
                name=POSTER_CANDIDATE.format(number=number),
            ),
        }
        for number in list_posters(video)
        if video.asset is not None
    ]
    return {"chosen": find_chosen(video), "candidates": candidates}
