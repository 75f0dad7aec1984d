"""What happened to an account: to its holder, and to administrators."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework.generics import ListAPIView
from rest_framework.serializers import ModelSerializer

from control_plane.accounts.callers import require_caller
from control_plane.accounts.permissions import IsAdmin
from control_plane.accounts.services import access_user
from control_plane.activity.models import Activity


class AnyActivitySerializer(ModelSerializer[Activity]):
    """Something that happened; `address` is a network alone once `is_whole` is false. What is not
    `is_own` was done by an administrator, whose `address` that is."""

    class Meta:
        model = Activity
        fields: ClassVar = [
            *("id", "kind", "detail", "at", "is_own", "by"),
            *("address", "is_whole", "user_agent"),
        ]


class ActivitySerializer(AnyActivitySerializer):
    """Something that happened; `address` is a network alone once `is_whole` is false. What is not
    `is_own` was done by an administrator, who is not told of."""

    class Meta(AnyActivitySerializer.Meta):
        fields: ClassVar = [one for one in AnyActivitySerializer.Meta.fields if one != "by"]

    def to_representation(self, activity: Activity) -> dict[str, Any]:
        described = super().to_representation(activity)
        return described if activity.is_own else {**described, "address": None, "user_agent": ""}


class MyActivity(ListAPIView[Activity]):
    """What happened to my account."""

    queryset = Activity.objects.none()
    serializer_class = ActivitySerializer

    def get_queryset(self) -> QuerySet[Activity]:
        return Activity.objects.filter(user=require_caller(self.request))


class ActivityOfUser(ListAPIView[Activity]):
    """What happened to somebody's account."""

    queryset = Activity.objects.none()
    serializer_class = AnyActivitySerializer
    permission_classes = (IsAdmin,)

    def get_queryset(self) -> QuerySet[Activity]:
        return Activity.objects.filter(user=access_user(self.kwargs["user_id"]))
