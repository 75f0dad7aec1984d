"""Subscribing and cancelling; and plans, as far as people see them."""

from datetime import datetime, timedelta
from http import HTTPStatus
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from control_plane.accounts.models import User
from control_plane.accounts.permission_names import Permission
from control_plane.accounts.permissions import may
from control_plane.entitlements.ending import end_unentitled
from control_plane.entitlements.models import Plan, Subscription
from control_plane.errors import Refused, require


def list_plans(user: User | None) -> QuerySet[Plan]:
    """Those on offer; all for who manages them."""
    is_manager = may(user, Permission.MANAGE_ENTITLEMENTS)
    return Plan.objects.all() if is_manager else Plan.objects.filter(is_offered=True)


def list_subscriptions(user: User) -> QuerySet[Subscription]:
    """A user's own; all for who manages everybody's."""
    rows = Subscription.objects.select_related("plan", "user")
    return rows if may(user, Permission.MANAGE_ENTITLEMENTS) else rows.filter(user=user)


def access_subscription(user: User, subscription_id: UUID) -> Subscription:
    """One of `list_subscriptions`; raises `NotFound` for all others."""
    return require(
        list_subscriptions(user).filter(pk=subscription_id).first(), "No such subscription."
    )


def find_plan(*, plan_id: UUID | None, course_id: UUID | None) -> Plan:
    """The plan on offer: this one, or the newest of a course. Raises `NotFound`."""
    offered = Plan.objects.filter(is_offered=True)
    wanted = {"pk": plan_id} if plan_id is not None else {"course_id": course_id}
    return require(
        offered.filter(**wanted).order_by("-is_open", "-id").first(), "No such plan is on offer."
    )


@transaction.atomic
def subscribe(user: User, plan: Plan, *, now: datetime) -> tuple[Subscription, bool]:
    """Begin a subscription, with the trial if it is the first; whether one began now.

    Whoever has one that goes on keeps it. What was cancelled and has not ended goes on again.
    Raises `Refused` where only an administrator may subscribe.
    """
    trial = timedelta(days=plan.trial_days)
    if not trial and not plan.is_open:
        raise _closed()
    row, is_new = Subscription.objects.select_for_update().get_or_create(
        user=user,
        plan=plan,
        defaults={
            "starts_at": now,
            "is_trial": bool(trial),
            "ends_at": now + trial if trial else None,
        },
    )
    return row, is_new or _renew(row, plan, now=now)


def _renew(row: Subscription, plan: Plan, *, now: datetime) -> bool:
    """Whether what was there begins, or goes on, only now."""
    is_live = row.ends_at is None or row.ends_at > now
    if is_live and row.cancelled_at is None:
        return False
    if not plan.is_open:
        raise _closed()
    row.starts_at = row.starts_at if is_live else now
    row.ends_at = row.cancelled_at = None
    row.is_trial = False
    row.save()
    return True


def _closed() -> Refused:
    detail = "Only an administrator subscribes people to this plan."
    return Refused("plan_closed", status=HTTPStatus.CONFLICT, detail=detail)


@transaction.atomic
def cancel(subscription: Subscription, *, now: datetime) -> Subscription:
    """Let a subscription end with its period; what was cancelled before stays as it is."""
    row = Subscription.objects.select_for_update().select_related("plan").get(pk=subscription.pk)
    if row.cancelled_at is None:
        row.cancelled_at = now
        row.ends_at = row.ends_at or find_period_end(row, now=now)
        row.save()
        end_unentitled([row.user], now=now)
    return row


@transaction.atomic
def end_now(subscription: Subscription, *, now: datetime) -> None:
    """End it at once, with what is watched by it and nothing else allows."""
    row = Subscription.objects.select_for_update().get(pk=subscription.pk)
    row.ends_at = row.ends_at if row.ends_at and row.ends_at < now else now
    row.cancelled_at = row.cancelled_at or now
    row.save()
    end_unentitled([row.user], now=now)


def find_period_end(subscription: Subscription, *, now: datetime) -> datetime:
    """When the present period ends."""
    period = timedelta(days=subscription.plan.period_days)
    periods = max(0, (now - subscription.starts_at) // period) + 1
    return subscription.starts_at + periods * period
