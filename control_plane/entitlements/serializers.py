"""Grants over HTTP."""

from datetime import datetime
from typing import Any, ClassVar

from django.utils import timezone
from rest_framework import serializers

from control_plane.accounts.callers import require_caller
from control_plane.accounts.models import User
from control_plane.entitlements.models import Grant


class GranteeSerializer(serializers.ModelSerializer[User]):
    """A user as others see them: without the address."""

    class Meta:
        model = User
        fields: ClassVar = ["id", "display_name"]


class GrantSerializer(serializers.ModelSerializer[Grant]):
    """A grant, as the owner of the video sees it."""

    user = GranteeSerializer(allow_null=True)
    email = serializers.SerializerMethodField(
        help_text="Where it was granted to an address; for who granted it, and administrators."
    )

    class Meta:
        model = Grant
        fields: ClassVar = [
            "id",
            "video",
            "user",
            "email",
            "granted_by",
            "created_at",
            "expires_at",
            "note",
        ]

    def get_email(self, grant: Grant) -> str | None:
        caller = require_caller(self.context["request"])
        may_know = caller.is_staff or grant.granted_by_id == caller.id
        return grant.email if grant.email and may_know else None


class NewGrantSerializer(serializers.Serializer[Any]):
    """Who may watch what, until when; `user` or `email`, not both."""

    video = serializers.UUIDField()
    user = serializers.PrimaryKeyRelatedField(queryset=User.objects.all(), required=False)
    email = serializers.EmailField(required=False)
    expires_at = serializers.DateTimeField(
        required=False, allow_null=True, default=None, help_text="Without it, for good."
    )
    note = serializers.CharField(required=False, default="", allow_blank=True, max_length=200)

    def validate_expires_at(self, moment: datetime | None) -> datetime | None:
        if moment is not None and moment <= timezone.now():
            raise serializers.ValidationError("This lies in the past.", code="past")
        return moment

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("user" in attrs) == ("email" in attrs):
            raise serializers.ValidationError("Name either a user or an e-mail address.")
        return attrs
