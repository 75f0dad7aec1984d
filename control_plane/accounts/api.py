"""The account of whoever asks."""

from typing import ClassVar

from django.db import IntegrityError, transaction
from rest_framework.exceptions import ValidationError
from rest_framework.generics import RetrieveAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import ModelSerializer

from control_plane.accounts.callers import require_caller
from control_plane.accounts.models import PROFILE, User


class AccountSerializer(ModelSerializer[User]):
    """An account as its holder sees it. The role is given by administrators alone."""

    class Meta:
        model = User
        fields: ClassVar = ["id", "email", *PROFILE, "role", "created_at"]
        read_only_fields: ClassVar = ["email", "role", "created_at"]
        extra_kwargs: ClassVar = {"phone": {"allow_blank": False}}  # one that is not given is null


class Me(RetrieveAPIView[User]):
    """My account."""

    serializer_class = AccountSerializer
    pagination_class = None

    def get_object(self) -> User:
        return require_caller(self.request)

    def patch(self, request: Request) -> Response:
        serializer = self.get_serializer(self.get_object(), data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        try:
            with transaction.atomic():
                serializer.save()
        except IntegrityError as error:  # taken since it was looked for
            raise ValidationError({"phone": "It belongs to another account."}, "unique") from error
        return Response(serializer.data)
