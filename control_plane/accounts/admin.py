"""Users in the admin; nothing of a password is shown."""

from typing import Any, ClassVar

from allauth.account.models import EmailAddress
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils import timezone
from unfold.admin import ModelAdmin, TabularInline

from control_plane.accounts.models import PROFILE, Role, User
from control_plane.accounts.services import change_user, check_others_remain
from control_plane.errors import Refused


class EmailAddressInline(TabularInline):
    model = EmailAddress
    fields: ClassVar = ["email", "verified", "primary"]
    extra = 0


class UserForm(ModelForm):  # type: ignore[type-arg]  # takes no parameter when it runs
    """Leaves the site somebody who administers it."""

    def clean(self) -> dict[str, Any]:
        facts: dict[str, Any] = super().clean() or self.cleaned_data
        if not facts.get("is_active") or facts.get("role") != Role.ADMIN:
            try:
                check_others_remain(self.instance)
            except Refused as refusal:
                raise ValidationError(refusal.problem.detail) from refusal
        return facts


@admin.register(User)
class UserAdmin(ModelAdmin):
    form = UserForm
    list_display: ClassVar = ["email", "display_name", "role", "is_active", "created_at"]
    list_filter: ClassVar = ["role", "is_active"]
    search_fields: ClassVar = ["email", "display_name", "first_name", "last_name", "phone"]
    fields: ClassVar = ["email", *PROFILE, "role", "is_active", "last_login", "created_at"]
    actions: ClassVar = ["suspend", "restore", "make_creators"]
    readonly_fields: ClassVar = ["last_login", "created_at"]
    inlines: ClassVar = [EmailAddressInline]

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Somebody new chooses a password by mail, as if it had been forgotten."""
        obj.email = obj.email.lower()
        if change:
            facts = {name: getattr(obj, name) for name in form.changed_data}
            change_user(obj, now=timezone.now(), **facts)
            return
        obj.set_unusable_password()
        super().save_model(request, obj, form, change)

    @admin.action(description="Suspend: no log-in, nothing watched any more")
    def suspend(self, request: HttpRequest, users: QuerySet[User]) -> None:
        self._change(request, users, is_active=False)

    @admin.action(description="Restore")
    def restore(self, request: HttpRequest, users: QuerySet[User]) -> None:
        self._change(request, users, is_active=True)

    @admin.action(description="Make viewers creators")
    def make_creators(self, request: HttpRequest, users: QuerySet[User]) -> None:
        self._change(request, users.filter(role=Role.VIEWER), role=Role.CREATOR)

    def _change(self, request: HttpRequest, users: QuerySet[User], **facts: Any) -> None:
        """Change all of them; of who cannot be changed it is said why."""
        for user in users:
            try:
                change_user(user, now=timezone.now(), **facts)
                self.log_change(request, user, [{"changed": {"fields": list(facts)}}])
            except Refused as refusal:
                self.message_user(request, f"{user}: {refusal.problem.detail}", messages.ERROR)
        self.message_user(request, "Done.")
