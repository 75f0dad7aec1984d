"""Users in the admin, and how they came; nothing of a password is shown."""

from typing import Any, ClassVar, Final

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.forms import Form, ModelForm
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import action

from control_plane.accounts.callers import require_caller
from control_plane.accounts.models import PROFILE, Application, Invitation, Role, User
from control_plane.accounts.second_factors import describe_factor, list_factors, remove_factors
from control_plane.accounts.services import change_user, check_others_remain
from control_plane.accounts.sign_up_admin import ApplicationAdmin, InvitationAdmin
from control_plane.admin_refusals import telling_refusals
from control_plane.errors import Refused

_DATES: Final = ("last_login", "created_at")


class EmailAddressInline(TabularInline):
    model = EmailAddress
    fields: ClassVar = ["email", "verified", "primary"]
    extra = 0


class SocialAccountInline(TabularInline):
    """Where else somebody logs in. It may be taken away, and not be made up."""

    model = SocialAccount
    fields: ClassVar = ["provider", "uid", "date_joined", "last_login"]
    readonly_fields: ClassVar = fields
    extra = 0

    def has_add_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        return False


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
    list_filter: ClassVar = ["role", "is_active", "application__state"]
    search_fields: ClassVar = ["email", "display_name", "first_name", "last_name", "phone"]
    fields: ClassVar = ["email", *PROFILE, "role", "is_active", "second_factors", *_DATES]
    actions: ClassVar = ["suspend", "restore", "make_creators"]
    readonly_fields: ClassVar = ["second_factors", *_DATES]
    actions_detail: ClassVar = ["remove_second_factors"]
    inlines: ClassVar = [EmailAddressInline, SocialAccountInline]

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Somebody new chooses a password by mail, as if it had been forgotten."""
        obj.email = obj.email.lower()
        if change:
            facts = {name: getattr(obj, name) for name in form.changed_data}
            change_user(obj, now=timezone.now(), **facts)
            return
        obj.set_unusable_password()
        super().save_model(request, obj, form, change)

    @admin.display(description="Second factors")
    def second_factors(self, user: User) -> str:
        return ", ".join(map(describe_factor, list_factors(user))) or "none"

    # With a dialog it is asked for by GET and done by POST.
    @action(  # type: ignore[untyped-decorator]
        description="Remove second factors",
        permissions=["change"],
        dialog={
            "title": "Has somebody lost phone and recovery codes?",
            "description": "The password alone logs in then. They are told by mail.",
        },
    )
    def remove_second_factors(
        self, request: HttpRequest, _form: Form, object_id: str
    ) -> HttpResponse:
        user = self.get_object(request, object_id)
        if user is None:
            raise Http404
        with telling_refusals(self, request):
            count = remove_factors(user, by=require_caller(request), request=request)
            self.log_change(request, user, f"Removed {count} second factors.")
            self.message_user(request, f"{count} removed.", messages.SUCCESS)
        return HttpResponse(
            headers={"HX-Redirect": reverse("admin:accounts_user_change", args=[user.pk])}
        )

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
            with telling_refusals(self, request, user):
                change_user(user, now=timezone.now(), **facts)
                self.log_change(request, user, [{"changed": {"fields": list(facts)}}])
        self.message_user(request, "Done.")


# Allauth's own page would show what is kept of secrets, and let it be changed. Providers are the
# settings' alone, their tokens are not kept, and accounts elsewhere stand with their users.
for _model in (Authenticator, SocialAccount, SocialApp, SocialToken):
    admin.site.unregister(_model)

admin.site.register(Invitation, InvitationAdmin)
admin.site.register(Application, ApplicationAdmin)
