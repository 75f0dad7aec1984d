"""Plans, subscriptions and share links over HTTP; and why a playback URL was refused."""

from http import HTTPStatus
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from control_plane.accounts.callers import find_caller, require_caller
from control_plane.accounts.permission_names import Permission
from control_plane.accounts.permissions import holds
from control_plane.entitlements.models import Decision, Plan, ShareLink, Subscription
from control_plane.entitlements.serializers import (
    DecisionSerializer,
    MadeShareLinkSerializer,
    NewShareLinkSerializer,
    NewSubscriptionSerializer,
    OfferedPlanSerializer,
    ShareLinkSerializer,
    SubscriptionSerializer,
)
from control_plane.entitlements.services import check_video
from control_plane.entitlements.share_links import (
    access_share_link,
    create_share_link,
    list_share_links,
    revoke_share_link,
)
from control_plane.entitlements.subscriptions import (
    access_subscription,
    cancel,
    find_plan,
    list_plans,
    list_subscriptions,
    subscribe,
)
from control_plane.errors import require
from control_plane.idempotency.services import idempotent
from control_plane.openapi import document_refusals


class PlanFilter(filters.FilterSet):
    """Plans of one course."""

    course = filters.UUIDFilter(field_name="course_id")


class Plans(ListAPIView[Plan]):
    """What is on offer."""

    permission_classes = (AllowAny,)
    serializer_class = OfferedPlanSerializer
    filterset_class = PlanFilter

    def get_queryset(self) -> QuerySet[Plan]:
        return list_plans(find_caller(self.request))


class Subscriptions(ListAPIView[Subscription]):
    """The caller's subscriptions; an administrator's are all."""

    queryset = Subscription.objects.none()
    serializer_class = SubscriptionSerializer

    def get_queryset(self) -> QuerySet[Subscription]:
        return list_subscriptions(require_caller(self.request))

    @extend_schema(
        request=NewSubscriptionSerializer,
        responses={
            201: SubscriptionSerializer,
            200: OpenApiResponse(SubscriptionSerializer, description="It goes on already."),
            **document_refusals(
                {
                    404: "not_found: no such plan is on offer.",
                    409: "plan_closed: only an administrator subscribes people to it.",
                }
            ),
        },
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Subscribe to a plan, or to a course. The first time begins with the plan's trial."""
        asked = NewSubscriptionSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        wanted = asked.validated_data
        plan = find_plan(plan_id=wanted.get("plan"), course_id=wanted.get("course"))
        row, is_new = subscribe(require_caller(request), plan, now=timezone.now())
        body = self.get_serializer(row).data
        return Response(body, status=HTTPStatus.CREATED if is_new else HTTPStatus.OK)


class OneSubscription(APIView):
    """One subscription."""

    @extend_schema(responses=SubscriptionSerializer)
    def delete(self, request: Request, subscription_id: UUID) -> Response:
        """Cancel it: it ends with its period."""
        row = access_subscription(require_caller(request), subscription_id)
        return Response(SubscriptionSerializer(cancel(row, now=timezone.now())).data)


class ShareLinkFilter(filters.FilterSet):
    """Links of one video."""

    video = filters.UUIDFilter(field_name="video_id")


class ShareLinks(ListAPIView[ShareLink]):
    """Share links of the caller's videos; an administrator's are all."""

    queryset = ShareLink.objects.none()
    serializer_class = ShareLinkSerializer
    filterset_class = ShareLinkFilter

    def get_queryset(self) -> QuerySet[ShareLink]:
        return list_share_links(require_caller(self.request))

    @extend_schema(
        request=NewShareLinkSerializer,
        responses={
            201: MadeShareLinkSerializer,
            **document_refusals({404: "not_found: no such video, or not yours."}),
        },
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Make a link that opens one of my videos. Its `secret` is shown this once."""
        asked = NewShareLinkSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        wanted, caller = dict(asked.validated_data), require_caller(request)
        video_id = wanted.pop("video")
        check_video(caller, video_id)
        link, secret = create_share_link(video_id, by=caller, **wanted)
        link.secret = secret  # type: ignore[attr-defined]
        return Response(MadeShareLinkSerializer(link).data, status=HTTPStatus.CREATED)


class OneShareLink(APIView):
    """A link to one of my videos."""

    @extend_schema(responses={204: None})
    def delete(self, request: Request, link_id: UUID) -> Response:
        """Revoke it. What plays by it ends within seconds."""
        link = access_share_link(require_caller(request), link_id)
        revoke_share_link(link, now=timezone.now())
        return Response(status=HTTPStatus.NO_CONTENT)


class OneDecision(APIView):
    """A playback URL that was refused."""

    permission_classes = (holds(Permission.SEE_REFUSALS),)

    @extend_schema(
        responses={
            200: DecisionSerializer,
            **document_refusals({404: "not_found: no such refusal is kept."}),
        }
    )
    def get(self, request: Request, decision_id: str) -> Response:
        """Why somebody got no playback URL, by the `decision_id` of the answer."""
        decision = require(
            Decision.objects.filter(pk=decision_id).first(),
            "No such refusal. They are kept for 30 days.",
        )
        return Response(DecisionSerializer(decision).data)
