"""What lists of jobs may be narrowed by."""

from typing import ClassVar

import django_filters

from control_plane.transcodes.models import TranscodeJob


class JobFilter(django_filters.FilterSet):
    """`video` and `state`."""

    video = django_filters.UUIDFilter(field_name="video_id")

    class Meta:
        model = TranscodeJob
        fields: ClassVar = ["state"]
