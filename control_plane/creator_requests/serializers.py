"""Requests to become a creator, as JSON."""

from typing import ClassVar

from rest_framework import serializers

from control_plane.creator_requests.models import CreatorRequest


class CreatorRequestSerializer(serializers.ModelSerializer[CreatorRequest]):
    """A request as the one who made it sees it."""

    may_ask_at = serializers.DateTimeField(
        read_only=True, allow_null=True, help_text="From when on it may be asked again."
    )

    class Meta:
        model = CreatorRequest
        fields: ClassVar = [
            *("id", "state", "message", "asked_at", "decided_at", "reason", "may_ask_at"),
        ]
        read_only_fields: ClassVar = ["state", "asked_at", "decided_at", "reason"]


class AnyCreatorRequestSerializer(serializers.ModelSerializer[CreatorRequest]):
    """A request as those see it who decide."""

    email = serializers.EmailField(source="user.email")
    display_name = serializers.CharField(source="user.display_name")

    class Meta:
        model = CreatorRequest
        fields: ClassVar = [
            *("id", "user", "email", "display_name", "state", "message", "asked_at"),
            *("decided_at", "decided_by", "reason"),
        ]


class DeclineSerializer(serializers.ModelSerializer[CreatorRequest]):
    """Why not; the one who asked is told."""

    reason = serializers.CharField(max_length=1000)

    class Meta:
        model = CreatorRequest
        fields: ClassVar = ["reason"]
