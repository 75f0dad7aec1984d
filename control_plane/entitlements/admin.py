"""What lets people watch, in the admin. Whatever is taken away ends what is watched by it."""

from datetime import datetime
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from unfold.admin import ModelAdmin, TabularInline

from control_plane.accounts.callers import require_caller
from control_plane.accounts.models import User
from control_plane.entitlements.ending import end_unentitled
from control_plane.entitlements.models import (
    Decision,
    Grant,
    Group,
    Membership,
    PlaceRule,
    Plan,
    ShareLink,
    Subscription,
)
from control_plane.entitlements.services import Target, change_grant, grant_access, take_back
from control_plane.entitlements.share_links import revoke_share_link
from control_plane.entitlements.subscriptions import cancel, end_now
from control_plane.read_only_admin import ReadOnlyAdmin


@admin.register(Grant)
class GrantAdmin(ModelAdmin):
    list_display: ClassVar = ["grantee", "target", "expires_at", "granted_by", "created_at"]
    list_select_related: ClassVar = ["video", "course", "category", "user", "group", "granted_by"]
    list_filter: ClassVar = [
        "expires_at",
        "created_at",
        ("group", admin.RelatedOnlyFieldListFilter),
    ]
    search_fields: ClassVar = [
        "video__title",
        "course__title",
        "category__name",
        "user__email",
        "email",
        "group__name",
        "note",
    ]
    autocomplete_fields: ClassVar = ["user", "group", "video", "course", "category"]
    fields: ClassVar = [
        "user",
        "email",
        "group",
        "video",
        "course",
        "category",
        "expires_at",
        "window_s",
        "first_played_at",
        "note",
        "granted_by",
    ]
    readonly_fields: ClassVar = ["granted_by", "first_played_at"]

    @admin.display(description="To", ordering="user__email")
    def grantee(self, grant: Grant) -> str:
        return str(grant.user or grant.group or grant.email)

    @admin.display(description="What")
    def target(self, grant: Grant) -> str:
        return str(grant.video or grant.course or grant.category)

    def save_model(self, request: HttpRequest, obj: Grant, form: Any, change: bool) -> None:
        obj.granted_by = require_caller(request)
        obj.email = obj.email.lower()
        if change:
            change_grant(obj, now=timezone.now())
        else:
            super().save_model(request, obj, form, change)

    def delete_model(self, _request: HttpRequest, grant: Grant) -> None:
        take_back(grant, now=timezone.now())

    def delete_queryset(self, _request: HttpRequest, grants: QuerySet[Grant]) -> None:
        for grant in grants:
            take_back(grant, now=timezone.now())


class GrantingPage:
    """Mixed into pages that grant and take back through an inline."""

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        if formset.model is not Grant:
            super().save_formset(request, form, formset, change)  # type: ignore[misc]
            return
        grants, now = formset.save(commit=False), timezone.now()
        for grant in formset.deleted_objects:
            take_back(grant, now=now)
        for grant in grants:
            _store(grant, by=require_caller(request), now=now)


def _store(grant: Grant, *, by: User, now: datetime) -> None:
    if not grant._state.adding:
        change_grant(grant, now=now)
        return
    grant_access(
        grant.user or grant.group or grant.email,
        Target(grant.video_id, grant.course_id, grant.category_id),
        by=by,
        expires_at=grant.expires_at,
        note=grant.note,
        window_s=grant.window_s,
    )


class GranteeInline(TabularInline):
    """Who was granted a video."""

    model = Grant
    fk_name = "video"
    fields: ClassVar = ["user", "email", "group", "expires_at", "window_s", "note"]
    autocomplete_fields: ClassVar = ["user", "group"]
    extra = 0


class GrantedInline(TabularInline):
    """What a user was granted."""

    model = Grant
    fk_name = "user"
    fields: ClassVar = ["video", "course", "category", "expires_at", "window_s", "note"]
    autocomplete_fields: ClassVar = ["video", "course", "category"]
    extra = 0


class SubscribedInline(TabularInline):
    """What a user subscribes to; changed on its own page."""

    model = Subscription
    fields: ClassVar = ["plan", "starts_at", "ends_at", "is_trial", "cancelled_at"]
    readonly_fields: ClassVar = fields
    extra = 0
    can_delete = False
    show_change_link = True

    def has_add_permission(self, _request: HttpRequest, _obj: object = None) -> bool:
        return False


class MembershipInline(TabularInline):
    """Who is in a group."""

    model = Membership
    autocomplete_fields: ClassVar = ["user"]
    fields: ClassVar = ["user", "expires_at"]
    extra = 0


@admin.register(Group)
class GroupAdmin(ModelAdmin):
    list_display: ClassVar = ["name", "members", "created_at"]
    search_fields: ClassVar = ["name", "memberships__user__email"]
    inlines: ClassVar = [MembershipInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Group]:
        groups: QuerySet[Group] = super().get_queryset(request)
        return groups.annotate(members=Count("memberships"))

    @admin.display(description="Members", ordering="members")
    def members(self, group: Group) -> int:
        return int(getattr(group, "members", 0))

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        before = _list_members(form.instance)
        super().save_formset(request, form, formset, change)
        end_unentitled(before, now=timezone.now())

    def delete_model(self, _request: HttpRequest, group: Group) -> None:
        before = _list_members(group)
        group.delete()
        end_unentitled(before, now=timezone.now())

    def delete_queryset(self, request: HttpRequest, groups: QuerySet[Group]) -> None:
        for group in groups:
            self.delete_model(request, group)


@admin.register(Plan)
class PlanAdmin(ModelAdmin):
    list_display: ClassVar = [
        "name",
        "course",
        "category",
        "is_premium",
        "is_open",
        "is_offered",
        "subscribers",
    ]
    list_select_related: ClassVar = ["course", "category"]
    list_filter: ClassVar = ["is_premium", "is_open", "is_offered"]
    search_fields: ClassVar = ["name", "course__title", "category__name"]
    autocomplete_fields: ClassVar = ["course", "category"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Plan]:
        plans: QuerySet[Plan] = super().get_queryset(request)
        return plans.annotate(subscribers=Count("subscriptions"))

    @admin.display(description="Subscribers", ordering="subscribers")
    def subscribers(self, plan: Plan) -> int:
        return int(getattr(plan, "subscribers", 0))


@admin.register(Subscription)
class SubscriptionAdmin(ModelAdmin):
    list_display: ClassVar = ["user", "plan", "starts_at", "ends_at", "is_trial", "cancelled_at"]
    list_select_related: ClassVar = ["user", "plan"]
    list_filter: ClassVar = ["plan", "is_trial", "ends_at"]
    search_fields: ClassVar = ["user__email", "plan__name"]
    autocomplete_fields: ClassVar = ["user", "plan"]
    fields: ClassVar = ["user", "plan", "starts_at", "ends_at", "is_trial", "cancelled_at"]
    readonly_fields: ClassVar = ["cancelled_at"]
    actions: ClassVar = ["cancel_at_end", "end"]

    def save_model(self, request: HttpRequest, obj: Subscription, form: Any, change: bool) -> None:
        before = Subscription.objects.select_related("user").filter(pk=obj.pk).first()
        super().save_model(request, obj, form, change)
        if before is not None:
            end_unentitled([before.user], now=timezone.now())

    @admin.action(description="Cancel at the end of the period", permissions=["change"])
    def cancel_at_end(self, request: HttpRequest, rows: QuerySet[Subscription]) -> None:
        for row in rows:
            cancel(row, now=timezone.now())
            self.log_change(request, row, "Cancelled.")

    @admin.action(description="End at once", permissions=["change"])
    def end(self, request: HttpRequest, rows: QuerySet[Subscription]) -> None:
        for row in rows:
            end_now(row, now=timezone.now())
            self.log_change(request, row, "Ended.")

    def delete_model(self, _request: HttpRequest, row: Subscription) -> None:
        user = row.user
        row.delete()
        end_unentitled([user], now=timezone.now())

    def delete_queryset(self, request: HttpRequest, rows: QuerySet[Subscription]) -> None:
        for row in rows:
            self.delete_model(request, row)


@admin.register(ShareLink)
class ShareLinkAdmin(ReadOnlyAdmin):
    """Links are made through the API, which shows their secret once."""

    list_display: ClassVar = [
        "video",
        "note",
        "plays",
        "max_plays",
        "expires_at",
        "revoked_at",
        "created_by",
        "created_at",
    ]
    list_select_related: ClassVar = ["video", "created_by"]
    list_filter: ClassVar = [("revoked_at", admin.EmptyFieldListFilter), "expires_at"]
    search_fields: ClassVar = ["=id", "video__title", "note", "created_by__email"]
    fields: ClassVar = [*list_display, "max_streams", "max_height", "origins"]
    readonly_fields: ClassVar = fields
    actions: ClassVar = ["revoke"]

    @admin.action(description="Revoke", permissions=["view"])
    def revoke(self, request: HttpRequest, links: QuerySet[ShareLink]) -> None:
        for link in links:
            revoke_share_link(link, now=timezone.now())
            self.log_change(request, link, "Revoked.")
        self.message_user(request, "Nothing plays by these links any more.", messages.SUCCESS)


@admin.register(PlaceRule)
class PlaceRuleAdmin(ModelAdmin):
    list_display: ClassVar = ["action", "kind", "value", "video", "category", "position"]
    list_select_related: ClassVar = ["video", "category"]
    list_filter: ClassVar = ["action", "kind"]
    search_fields: ClassVar = ["value", "video__title", "category__name"]
    autocomplete_fields: ClassVar = ["video", "category"]


@admin.register(Decision)
class DecisionAdmin(ReadOnlyAdmin):
    """Playback URLs that were refused, with what each rule said."""

    list_display: ClassVar = ["decision_id", "at", "code", "why", "user_id", "address", "country"]
    list_filter: ClassVar = ["code", "at"]
    search_fields: ClassVar = ["=decision_id", "=user_id", "=video_id", "=address"]
    search_help_text = "A decision id, or the id of a viewer or video, or an address."
    show_full_result_count = False


def _list_members(group: Group) -> list[User]:
    return list(User.objects.filter(memberships__group_id=group.pk))
