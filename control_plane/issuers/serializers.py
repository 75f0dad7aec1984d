"""Other sites over HTTP, for administrators."""

from copy import copy
from typing import Any, ClassVar

from django.db import transaction
from django.utils import timezone
from rest_framework import serializers

from control_plane.issuers.models import Issuer
from control_plane.issuers.services import find_obstacles, store_issuer


class IssuerSerializer(serializers.ModelSerializer[Issuer]):
    """A site, its public keys and its ceiling; refuses what edges would not take."""

    jwks = serializers.DictField(help_text="A JWK Set (RFC 7517) of public keys.")

    class Meta:
        model = Issuer
        fields: ClassVar = [
            "id",
            "issuer",
            "enabled",
            "jwks",
            "videos",
            "max_life_s",
            "max_height",
            "max_streams",
            "origins",
            "created_at",
        ]
        read_only_fields: ClassVar = ["created_at"]
        extra_kwargs: ClassVar = {"videos": {"required": False}}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        obstacles = find_obstacles(self._make(attrs))
        if obstacles:
            raise serializers.ValidationError(obstacles)
        return attrs

    @transaction.atomic
    def save(self, **_facts: Any) -> Issuer:
        self.instance = self._make(self.validated_data)
        store_issuer(self.instance, now=timezone.now())
        if "videos" in self.validated_data:
            self.instance.videos.set(self.validated_data["videos"])
        return self.instance

    def _make(self, facts: dict[str, Any]) -> Issuer:
        """The site as it would be; the stored one stays as it is."""
        issuer = Issuer() if self.instance is None else copy(self.instance)
        for name, value in facts.items():
            if name != "videos":
                setattr(issuer, name, value)
        return issuer
