"""Users in the admin; nothing of a password is shown."""

from typing import ClassVar

from allauth.account.models import EmailAddress
from django.contrib import admin
from unfold.admin import ModelAdmin, TabularInline

from control_plane.accounts.models import User


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
