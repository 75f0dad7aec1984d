"""Granted permissions, as JSON."""

from typing import Any, ClassVar

from django.utils import timezone
from rest_framework import serializers

from control_plane.accounts.models import User
from control_plane.accounts.permission_names import Permission
from control_plane.permission_grants.models import PermissionGrant


class HeldPermissionSerializer(serializers.ModelSerializer[PermissionGrant]):
    """A permission as its holder sees it."""

    permission = serializers.ChoiceField(choices=Permission.choices)
    means = serializers.CharField(source="get_permission_display", help_text="In words.")

    class Meta:
        model = PermissionGrant
        fields: ClassVar = ["permission", "means", "granted_at", "until"]


class PermissionGrantSerializer(serializers.ModelSerializer[PermissionGrant]):
    """A permission as administrators see it."""

    permission = serializers.ChoiceField(choices=Permission.choices)
    email = serializers.EmailField(source="user.email")

    class Meta:
        model = PermissionGrant
        fields: ClassVar = [
            *("id", "user", "email", "permission", "granted_by", "granted_at", "until"),
            *("revoked_by", "revoked_at"),
        ]


class NewPermissionGrantSerializer(serializers.Serializer[Any]):
    """Who is to be let do what, and until when; without an end until it is revoked."""

    user = serializers.PrimaryKeyRelatedField(queryset=User.objects.all())
    permission = serializers.ChoiceField(choices=Permission.choices)
    until = serializers.DateTimeField(required=False, allow_null=True, default=None)

    def validate_until(self, until: Any) -> Any:
        if until is not None and until <= timezone.now():
            raise serializers.ValidationError("That time is over.")
        return until
