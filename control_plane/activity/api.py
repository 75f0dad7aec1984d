"""What happened to an account: to its holder, and to administrators."""

from typing import ClassVar

from django.db.models import QuerySet
from rest_framework.generics import ListAPIView
from rest_framework.serializers import ModelSerializer

from control_plane.accounts.callers import require_caller
from control_plane.accounts.permissions import IsAdmin
from control_plane.accounts.services import access_user
from control_plane.activity.models import Activity


class ActivitySerializer(ModelSerializer[Activity]):
    """Something that happened; `address` is a network alone once `is_whole` is false."""

    class Meta:
        model = Activity
        fields: ClassVar = ["id", "kind", "at", "address", "is_whole", "user_agent"]


class MyActivity(ListAPIView[Activity]):
    """What happened to my account."""

    queryset = Activity.objects.none()
    serializer_class = ActivitySerializer

    def get_queryset(self) -> QuerySet[Activity]:
        return Activity.objects.filter(user=require_caller(self.request))


class ActivityOfUser(ListAPIView[Activity]):
    """What happened to somebody's account."""

    queryset = Activity.objects.none()
    serializer_class = ActivitySerializer
    permission_classes = (IsAdmin,)

    def get_queryset(self) -> QuerySet[Activity]:
        return Activity.objects.filter(user=access_user(self.kwargs["user_id"]))
