"""Grants, plans, subscriptions, share links and decisions over HTTP."""

from datetime import datetime
from typing import Any, ClassVar

from django.utils import timezone
from rest_framework import serializers

from control_plane.accounts.callers import require_caller
from control_plane.accounts.models import User
from control_plane.accounts.permission_names import Permission
from control_plane.accounts.permissions import may
from control_plane.entitlements.decisions import Says
from control_plane.entitlements.models import (
    Decision,
    Grant,
    Group,
    Plan,
    ShareLink,
    Subscription,
)


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
            "course",
            "category",
            "user",
            "group",
            "email",
            "granted_by",
            "created_at",
            "expires_at",
            "window_s",
            "first_played_at",
            "note",
        ]

    def get_email(self, grant: Grant) -> str | None:
        caller = require_caller(self.context["request"])
        is_own = grant.granted_by_id == caller.id
        may_know = is_own or may(caller, Permission.MANAGE_ENTITLEMENTS)
        return grant.email if grant.email and may_know else None


class Ending(serializers.Serializer[Any]):
    """Something that ends, or not."""

    expires_at = serializers.DateTimeField(
        required=False, allow_null=True, default=None, help_text="Without it, for good."
    )

    def validate_expires_at(self, moment: datetime | None) -> datetime | None:
        if moment is not None and moment <= timezone.now():
            raise serializers.ValidationError("This lies in the past.", code="past")
        return moment


class NewGrantSerializer(Ending):
    """Who may watch what, until when; one of `user`, `email` and `group`, and one of `video`,
    `course` and `category`."""

    video = serializers.UUIDField(required=False)
    course = serializers.UUIDField(required=False)
    category = serializers.UUIDField(required=False)
    user = serializers.PrimaryKeyRelatedField(queryset=User.objects.all(), required=False)
    email = serializers.EmailField(required=False)
    group = serializers.PrimaryKeyRelatedField(queryset=Group.objects.all(), required=False)
    window_s = serializers.IntegerField(
        required=False,
        allow_null=True,
        default=None,
        min_value=60,
        max_value=10**8,
        help_text="Makes it a rental: it ends so many seconds after it is first played.",
    )
    note = serializers.CharField(required=False, default="", allow_blank=True, max_length=200)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if len({"user", "email", "group"} & attrs.keys()) != 1:
            raise serializers.ValidationError("Name a user, an e-mail address or a group.")
        if len({"video", "course", "category"} & attrs.keys()) != 1:
            raise serializers.ValidationError("Name a video, a course or a category.")
        return attrs


class OfferedPlanSerializer(serializers.ModelSerializer[Plan]):
    """What one may subscribe to; without a course and a category it is everything."""

    class Meta:
        model = Plan
        fields: ClassVar = [
            "id",
            "name",
            "description",
            "course",
            "category",
            "is_premium",
            "is_open",
            "trial_days",
            "period_days",
            "max_streams",
            "max_height",
        ]
        read_only_fields = fields


class SubscriptionSerializer(serializers.ModelSerializer[Subscription]):
    """A subscription; it goes on by itself while `ends_at` is null."""

    plan = OfferedPlanSerializer(read_only=True)
    user = GranteeSerializer(read_only=True)

    class Meta:
        model = Subscription
        fields: ClassVar = [
            "id",
            "user",
            "plan",
            "starts_at",
            "ends_at",
            "is_trial",
            "cancelled_at",
        ]
        read_only_fields = fields


class NewSubscriptionSerializer(serializers.Serializer[Any]):
    """What to subscribe to: a plan, or the plan of a course."""

    plan = serializers.UUIDField(required=False)
    course = serializers.UUIDField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("plan" in attrs) == ("course" in attrs):
            raise serializers.ValidationError("Name either a plan or a course.")
        return attrs


class ShareLinkSerializer(serializers.ModelSerializer[ShareLink]):
    """A share link, without its secret."""

    has_passphrase = serializers.SerializerMethodField()

    class Meta:
        model = ShareLink
        fields: ClassVar = [
            "id",
            "video",
            "created_by",
            "created_at",
            "expires_at",
            "revoked_at",
            "has_passphrase",
            "max_plays",
            "plays",
            "max_streams",
            "max_height",
            "origins",
            "note",
        ]
        read_only_fields = fields

    def get_has_passphrase(self, link: ShareLink) -> bool:
        return bool(link.passphrase_hash)


class MadeShareLinkSerializer(ShareLinkSerializer):
    """The same with its secret, which is shown this once."""

    secret = serializers.CharField(read_only=True)

    class Meta(ShareLinkSerializer.Meta):
        fields: ClassVar = [*ShareLinkSerializer.Meta.fields, "secret"]


class NewShareLinkSerializer(Ending):
    """Which video it opens, and how far."""

    video = serializers.UUIDField()
    passphrase = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=128, write_only=True
    )
    max_plays = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, max_value=10**6
    )
    max_streams = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, max_value=1000
    )
    max_height = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, max_value=10_000
    )
    origins = serializers.ListField(
        child=serializers.RegexField(r"^https?://[^/\s]+$", max_length=256),
        max_length=20,
        required=False,
    )
    note = serializers.CharField(required=False, default="", allow_blank=True, max_length=200)


class StepSerializer(serializers.Serializer[Any]):
    """What one rule said."""

    rule = serializers.CharField()
    says = serializers.ChoiceField(choices=[says.value for says in Says])
    detail = serializers.CharField()


class DecisionSerializer(serializers.ModelSerializer[Decision]):
    """A playback URL that was refused, with what every rule said at that moment."""

    trace = StepSerializer(many=True)

    class Meta:
        model = Decision
        fields: ClassVar = [
            "decision_id",
            "at",
            "code",
            "why",
            "trace",
            "user_id",
            "share_link_id",
            "video_id",
            "address",
            "country",
        ]
        read_only_fields = fields
