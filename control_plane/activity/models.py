"""What happened to an account, as a row."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from control_plane.ids import make_uuid7


class Kind(models.TextChoices):
    """What can happen."""

    SIGNED_UP = "signed_up", "Signed up"
    LOGGED_IN = "logged_in", "Logged in"
    LOG_IN_FAILED = "log_in_failed", "Failed to log in"
    LOGGED_OUT = "logged_out", "Logged out"
    EMAIL_VERIFIED = "email_verified", "Verified an address"
    EMAIL_CHANGED = "email_changed", "Changed the address"
    PASSWORD_CHANGED = "password_changed", "Changed the password"
    PASSWORD_RESET = "password_reset", "Chose a new password by mail"
    PASSWORD_SET = "password_set", "Chose a first password"
    CONNECTED = "connected", "Connected an account elsewhere"
    DISCONNECTED = "disconnected", "Disconnected an account elsewhere"
    ROLE_CHANGED = "role_changed", "Got another role"
    SUSPENDED = "suspended", "Was suspended"
    RESTORED = "restored", "Was restored"
    SECOND_FACTOR_ADDED = "second_factor_added", "Added a second factor"
    SECOND_FACTOR_REMOVED = "second_factor_removed", "Lost a second factor"
    SECOND_FACTOR_FAILED = "second_factor_failed", "Gave a wrong code"
    RECOVERY_CODES_RENEWED = "recovery_codes_renewed", "Made new recovery codes"
    RECOVERY_CODE_USED = "recovery_code_used", "Used a recovery code"
    API_KEY_MADE = "api_key_made", "Made an API key"
    API_KEY_REVOKED = "api_key_revoked", "Revoked an API key"
    INVITATION_USED = "invitation_used", "Came by an invitation"
    APPLICATION_APPROVED = "application_approved", "Was let in"
    APPLICATION_DECLINED = "application_declined", "Was not let in"
    INVITED = "invited", "Invited somebody"
    INVITATION_REVOKED = "invitation_revoked", "Took an invitation back"
    CREATOR_ASKED = "creator_asked", "Asked to become a creator"
    CREATOR_WITHDRAWN = "creator_withdrawn", "Withdrew the request to become a creator"
    CREATOR_APPROVED = "creator_approved", "Became a creator, as asked"
    CREATOR_DECLINED = "creator_declined", "Was not made a creator"
    PERMISSION_GRANTED = "permission_granted", "Was granted a permission"
    PERMISSION_REVOKED = "permission_revoked", "Lost a permission"
    ADMINISTERED = "administered", "Changed something of the site"


def list_kinds() -> list[tuple[str, str]]:
    """Called by the column, so that a new kind changes nothing in the database."""
    return Kind.choices


class Activity(models.Model):
    """Something that happened to `user`'s account, or that an administrator did by it. What is not
    `is_own` was the doing of somebody else, `by`, whose `address` and `user_agent` these are then.
    `address` is the client's, as long as it is kept whole; later its network alone."""

    id = models.UUIDField(primary_key=True, default=make_uuid7, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="activities",
        db_index=False,
    )
    kind = models.CharField(max_length=32, choices=list_kinds)
    detail = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()
    is_own = models.BooleanField(default=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    entry = models.OneToOneField(
        "admin.LogEntry", on_delete=models.SET_NULL, null=True, related_name="activity"
    )
    address = models.GenericIPAddressField(null=True)
    is_whole = models.BooleanField(default=True)
    user_agent = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering: ClassVar = ["-id"]
        verbose_name_plural = "activities"
        indexes: ClassVar = [
            models.Index(fields=["user", "-id"], name="activity_of_user"),
            models.Index(
                fields=["at"], condition=models.Q(is_whole=True), name="activity_whole_addresses"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.at:%Y-%m-%d %H:%M}"
