"""Users in the admin; nothing of a password is shown."""

from typing import Any, ClassVar

from allauth.account.models import EmailAddress
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from unfold.admin import ModelAdmin, TabularInline

from control_plane.accounts.models import User
from control_plane.accounts.services import change_user, delete_user


class EmailAddressInline(TabularInline):
    model = EmailAddress
    fields: ClassVar = ["email", "verified", "primary"]
    extra = 0


@admin.register(User)
class UserAdmin(ModelAdmin):
    list_display: ClassVar = ["email", "display_name", "role", "is_active", "created_at"]
    list_filter: ClassVar = ["role", "is_active"]
    search_fields: ClassVar = ["email", "display_name"]
    fields: ClassVar = ["email", "display_name", "role", "is_active", "last_login", "created_at"]
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

    def delete_model(self, _request: HttpRequest, user: User) -> None:
        delete_user(user, now=timezone.now())

    def delete_queryset(self, _request: HttpRequest, users: QuerySet[User]) -> None:
        for user in users:
            delete_user(user, now=timezone.now())
