"""Users: identified by e-mail, with one role that only an administrator can change. And how they
came to be: invitations, and applications of those who wait to be let in."""

from collections.abc import Iterable
from datetime import date
from typing import ClassVar, Final

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.functional import cached_property

from control_plane.accounts.permission_names import list_page_permissions
from control_plane.ids import make_uuid7

# What holders of an account may say of themselves.
PROFILE: Final = ("display_name", "first_name", "last_name", "birth_date", "phone")

_CHECK_PHONE: Final = RegexValidator(
    r"^\+[1-9][0-9]{6,14}\Z", "As E.164 writes it: +, the country, the number, digits alone."
)


def check_birth_date(day: date) -> None:
    """Raises Django's `ValidationError` for a day to come."""
    if day > timezone.localdate():
        raise ValidationError("That day is to come.")


class Role(models.TextChoices):
    """What a user may do: watch; also make films; everything."""

    VIEWER = "viewer"
    CREATOR = "creator"
    ADMIN = "admin"


class UserManager(BaseUserManager["User"]):
    """Makes users; e-mail addresses are kept in lower case."""

    def create_user(
        self, email: str, password: str | None = None, *, role: Role = Role.VIEWER
    ) -> "User":
        user = self.model(email=email.strip().lower(), role=role)
        user.set_password(password)
        user.full_clean()
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractBaseUser):
    """Somebody with an account."""

    id = models.UUIDField(primary_key=True, default=make_uuid7, editable=False)
    email = models.EmailField(unique=True)
    display_name = models.CharField(max_length=80, blank=True)
    first_name = models.CharField(max_length=80, blank=True)
    last_name = models.CharField(max_length=80, blank=True)
    birth_date = models.DateField(null=True, blank=True, validators=[check_birth_date])
    phone = models.CharField(
        max_length=16, null=True, blank=True, unique=True, validators=[_CHECK_PHONE]
    )
    role = models.CharField(max_length=16, choices=Role.choices, default=Role.VIEWER)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(Lower("email"), name="accounts_user_email_any_case")
        ]

    def __str__(self) -> str:
        return self.email

    @property
    def is_staff(self) -> bool:
        """Whether this user administers the site."""
        return self.is_active and self.role == Role.ADMIN

    @property
    def is_superuser(self) -> bool:
        return self.is_staff

    @property
    def may_create(self) -> bool:
        """Whether this user may put films in."""
        return self.is_active and self.role in (Role.CREATOR, Role.ADMIN)

    @cached_property
    def held_permissions(self) -> frozenset[str]:
        """The permissions that were granted and hold when this is asked first; kept as long as this
        object, which is one request. `permissions.may` is what to ask."""
        now = timezone.now()
        live = models.Q(until=None) | models.Q(until__gt=now)
        names = self.permission_grants.filter(live, revoked_at=None)
        return frozenset(names.values_list("permission", flat=True) if self.is_active else ())

    @property
    def may_administer(self) -> bool:
        """Whether some pages of the admin are open to this user."""
        return self.is_staff or bool(self._page_permissions)

    def has_perm(self, perm: str, _obj: object = None) -> bool:
        """Whether this user may do on pages of the admin what Django gives this name."""
        return self.is_staff or perm in self._page_permissions

    def has_perms(self, perms: Iterable[str], _obj: object = None) -> bool:
        return all(self.has_perm(perm) for perm in perms)

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_staff or any(
            page.startswith(f"{app_label}.") for page in self._page_permissions
        )

    @property
    def _page_permissions(self) -> set[str]:
        return list_page_permissions(self.held_permissions)


class Invitation(models.Model):
    """Leave to sign up once, with a role. `email` binds it to an address; without one it is for
    whoever has the link. `digest` is the SHA-256 of its token, in hexadecimal digits."""

    id = models.UUIDField(primary_key=True, default=make_uuid7, editable=False)
    digest = models.CharField(max_length=64, unique=True)
    email = models.EmailField(blank=True, db_index=True)
    role = models.CharField(max_length=16, choices=Role.choices, default=Role.VIEWER)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="invitations"
    )
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)
    used_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="+"
    )

    class Meta:
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return f"Invitation of {self.made_at:%Y-%m-%d %H:%M}"  # records keep it: no address


class Application(models.Model):
    """The wish of somebody who signed up to be let in. No log-in until it is approved; whoever has
    none was let in without being asked about."""

    class State(models.TextChoices):
        """What became of it."""

        WAITING = "waiting"
        APPROVED = "approved"
        DECLINED = "declined"

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True
    )
    state = models.CharField(max_length=16, choices=State.choices, default=State.WAITING)
    made_at = models.DateTimeField()
    announced_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )

    class Meta:
        ordering: ClassVar = ["-user_id"]
        indexes: ClassVar = [
            models.Index(
                fields=["made_at"],
                condition=models.Q(state="waiting"),
                name="accounts_who_waits",
            )
        ]

    def __str__(self) -> str:
        return f"Application of {self.made_at:%Y-%m-%d %H:%M}"  # records keep it: no address
