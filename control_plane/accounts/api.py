"""The account of whoever asks."""

from typing import ClassVar

from rest_framework.generics import RetrieveAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import ModelSerializer

from control_plane.accounts.callers import require_caller
from control_plane.accounts.models import User


class AccountSerializer(ModelSerializer[User]):
    """An account as its holder sees it. The role is given by administrators alone."""

    class Meta:
        model = User
        fields: ClassVar = ["id", "email", "display_name", "role", "created_at"]
        read_only_fields: ClassVar = ["email", "role", "created_at"]


class Me(RetrieveAPIView[User]):
    """My account."""

    serializer_class = AccountSerializer
    pagination_class = None

    def get_object(self) -> User:
        return require_caller(self.request)

    def patch(self, request: Request) -> Response:
        serializer = self.get_serializer(self.get_object(), data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        serializer.save()
        return Response(serializer.data)
