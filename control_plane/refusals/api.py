"""Refusals over HTTP, for administrators."""

from typing import ClassVar

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from control_plane.accounts.permission_names import Permission
from control_plane.accounts.permissions import holds
from control_plane.openapi import document_refusals
from control_plane.paging import NewestFirst
from control_plane.refusals.models import CodeChoice, Refusal
from control_plane.refusals.selectors import access_refusal, list_refusals


class RuleSerializer(serializers.Serializer[dict[str, object]]):
    """One rule that the gate asked."""

    rule = serializers.CharField()
    passed = serializers.BooleanField()


class RefusalSerializer(serializers.ModelSerializer[Refusal]):
    """A refusal; `rules` are those asked, of which the last one failed."""

    title = serializers.CharField(read_only=True, help_text="What the refused person was told.")
    rules = RuleSerializer(many=True)

    class Meta:
        model = Refusal
        exclude: ClassVar = ["kept_at"]


class RefusalFilter(filters.FilterSet):
    """Refusals of one code, of one video, or of one viewer."""

    code = filters.ChoiceFilter(choices=CodeChoice.choices)
    video = filters.CharFilter(field_name="video_id")
    subject = filters.CharFilter()


class LatestFirst(NewestFirst):
    """Decision ids are random, so that refusals sort by their time."""

    ordering = "-at"


class Refusals(ListAPIView[Refusal]):
    """What edges refused, newest first."""

    permission_classes = (holds(Permission.SEE_REFUSALS),)
    queryset = Refusal.objects.none()
    serializer_class = RefusalSerializer
    filterset_class = RefusalFilter
    pagination_class = LatestFirst

    def get_queryset(self) -> QuerySet[Refusal]:
        return list_refusals()


class OneRefusal(APIView):
    """One refusal, by the `decision_id` of its answer."""

    permission_classes = (holds(Permission.SEE_REFUSALS),)

    @extend_schema(
        responses={
            200: RefusalSerializer,
            **document_refusals({404: "not_found: no such refusal is kept."}),
        }
    )
    def get(self, request: Request, decision_id: str) -> Response:
        """Why somebody was refused."""
        return Response(RefusalSerializer(access_refusal(decision_id)).data)
