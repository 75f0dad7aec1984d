"""What lets somebody watch: grants, subscriptions and share links; and what forbids a place to.

Nothing here needs a job to end: the end is part of every question asked.
"""

from typing import ClassVar, Final

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q

from control_plane.entitlements.places import find_place_fault
from control_plane.ids import make_uuid7

# What the subjects of tokens by share link begin with.
SHARE_SUBJECT: Final = "share:"


class Visibility(models.TextChoices):
    """From everybody to nobody; what is `entitled` needs a grant, a subscription or a share link.

    What is unlisted stands in no list; whoever knows its address may watch it.
    """

    PUBLIC = "public", "Public: everybody, without an account"
    MEMBERS = "members", "Members: everybody who is logged in"
    UNLISTED = "unlisted", "Unlisted: everybody who knows the address"
    ENTITLED = "entitled", "Entitled: who was granted it, or subscribes"
    PRIVATE = "private", "Private: the owner alone"


class Group(models.Model):
    """People to whom things are granted together."""

    id = models.UUIDField(primary_key=True, default=make_uuid7, editable=False)
    name = models.CharField(max_length=80, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """Somebody in a group, for good or until some time."""

    id = models.UUIDField(primary_key=True, default=make_uuid7, editable=False)
    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="memberships",
        db_index=False,
    )
    expires_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "group"], name="entitlements_one_membership")
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.group_id}"


class Grant(models.Model):
    """To a user, a group, or whoever holds an e-mail address, now or once they have an account:
    a video, all lectures of a course, or all of a category.

    An address is not looked up when it is granted to, so that granting does not tell which have
    accounts. A rental has a `window_s`: when it is first played, `first_played_at` is set and
    `expires_at` is brought to that many seconds later.
    """

    id = models.UUIDField(primary_key=True, default=make_uuid7, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="grants",
    )
    email = models.EmailField(blank=True)
    group = models.ForeignKey(
        Group, on_delete=models.CASCADE, null=True, blank=True, related_name="grants"
    )
    video = models.ForeignKey(
        "catalogue.Video", on_delete=models.CASCADE, null=True, blank=True, related_name="grants"
    )
    course = models.ForeignKey(
        "catalogue.Course", on_delete=models.CASCADE, null=True, blank=True, related_name="grants"
    )
    category = models.ForeignKey(
        "catalogue.Category", on_delete=models.CASCADE, null=True, blank=True, related_name="grants"
    )
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    window_s = models.PositiveIntegerField(
        "rental window",
        null=True,
        blank=True,
        validators=[MinValueValidator(60)],
        help_text="Seconds from when it is first played. Without one it is no rental.",
    )
    first_played_at = models.DateTimeField(null=True, blank=True, editable=False)
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(user__isnull=False, email="", group__isnull=True)
                | Q(user__isnull=True, group__isnull=True) & ~Q(email="")
                | Q(user__isnull=True, email="", group__isnull=False),
                name="entitlements_grant_to_one",
                violation_error_message="Name a user, an e-mail address or a group: one of them.",
            ),
            models.CheckConstraint(
                condition=Q(video__isnull=False, course__isnull=True, category__isnull=True)
                | Q(video__isnull=True, course__isnull=False, category__isnull=True)
                | Q(video__isnull=True, course__isnull=True, category__isnull=False),
                name="entitlements_grant_of_one",
                violation_error_message="Name a video, a course or a category: one of them.",
            ),
            models.UniqueConstraint(
                fields=["user", "email", "group", "video", "course", "category"],
                nulls_distinct=False,
                name="entitlements_one_grant",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["email"], condition=~Q(email=""), name="entitlements_grant_by_email"
            )
        ]

    def __str__(self) -> str:
        grantee = self.email or self.user_id or self.group_id
        return f"{grantee} may watch {self.video_id or self.course_id or self.category_id}"


class Plan(models.Model):
    """What one may subscribe to: a course, a category, or everything; with its limits.

    Who never subscribed to it begins with a trial, where there is one. After that only an open
    plan is subscribed to without an administrator.
    """

    id = models.UUIDField(primary_key=True, default=make_uuid7, editable=False)
    name = models.CharField(max_length=80, unique=True)
    description = models.TextField(blank=True, max_length=2000)
    course = models.ForeignKey(
        "catalogue.Course",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="plans",
        help_text="Without a course and a category it is everything.",
    )
    category = models.ForeignKey(
        "catalogue.Category", on_delete=models.CASCADE, null=True, blank=True, related_name="plans"
    )
    is_premium = models.BooleanField(
        "premium", default=False, help_text="Whether it opens premium films as well."
    )
    is_open = models.BooleanField(
        "open", default=False, help_text="Whether people may subscribe by themselves."
    )
    is_offered = models.BooleanField("offered", default=True)
    trial_days = models.PositiveSmallIntegerField(default=0)
    period_days = models.PositiveSmallIntegerField(
        default=30,
        validators=[MinValueValidator(1)],
        help_text="Whoever cancels may watch until the period ends.",
    )
    max_streams = models.PositiveSmallIntegerField(
        "streams at once", null=True, blank=True, validators=[MinValueValidator(1)]
    )
    max_height = models.PositiveSmallIntegerField(
        "highest rung", null=True, blank=True, validators=[MinValueValidator(1)]
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(course__isnull=True) | Q(category__isnull=True),
                name="entitlements_plan_of_one",
                violation_error_message="Name a course or a category, not both.",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Subscription(models.Model):
    """Somebody's to a plan: one row, also when they come again.

    It goes on by itself while `ends_at` is empty. Cancelling sets the end: that of the period.
    """

    id = models.UUIDField(primary_key=True, default=make_uuid7, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="subscriptions",
        db_index=False,
    )
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="subscriptions")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    is_trial = models.BooleanField("trial", default=False)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "plan"], name="entitlements_one_subscription")
        ]

    def __str__(self) -> str:
        return f"{self.user_id} to {self.plan_id}"


class ShareLink(models.Model):
    """Opens one video to whoever has the address, without an account; within its limits.

    The address holds a secret, of which only the digest is kept (`share_links.digest_secret`).
    """

    id = models.UUIDField(primary_key=True, default=make_uuid7, editable=False)
    video = models.ForeignKey(
        "catalogue.Video", on_delete=models.CASCADE, related_name="share_links"
    )
    digest = models.CharField(max_length=64, unique=True, editable=False)
    passphrase_hash = models.CharField(max_length=256, blank=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    max_plays = models.PositiveIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1)]
    )
    plays = models.PositiveIntegerField(default=0, editable=False)
    max_streams = models.PositiveSmallIntegerField(
        "streams at once", null=True, blank=True, validators=[MinValueValidator(1)]
    )
    max_height = models.PositiveSmallIntegerField(
        "highest rung", null=True, blank=True, validators=[MinValueValidator(1)]
    )
    origins = ArrayField(
        models.CharField(max_length=256),
        default=list,
        blank=True,
        help_text="Pages that may play: https://site.example, separated by commas.",
    )
    note = models.CharField(max_length=200, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return self.note or str(self.id)

    @property
    def subject(self) -> str:
        """The `sub` of all tokens that are issued by it."""
        return f"{SHARE_SUBJECT}{self.id}"


class PlaceRule(models.Model):
    """Where something may be watched from. Of a video's rules, then its category's, then those of
    the whole site, each in their order, the first that fits settles it; none lets pass."""

    class Kind(models.TextChoices):
        ANY = "any", "Anywhere"
        COUNTRY = "country", "Country (ISO 3166, two letters)"
        NETWORK = "network", "Network (CIDR)"

    class Action(models.TextChoices):
        ALLOW = "allow"
        BLOCK = "block"

    id = models.UUIDField(primary_key=True, default=make_uuid7, editable=False)
    video = models.ForeignKey(
        "catalogue.Video",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="place_rules",
    )
    category = models.ForeignKey(
        "catalogue.Category",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="place_rules",
        help_text="Without a video and a category it holds for the whole site.",
    )
    position = models.PositiveSmallIntegerField(default=0)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    value = models.CharField(max_length=43, blank=True)
    action = models.CharField(max_length=8, choices=Action.choices)

    class Meta:
        ordering: ClassVar = ["video", "category", "position", "id"]
        indexes: ClassVar = [
            models.Index(
                fields=["position"],
                condition=Q(video__isnull=True, category__isnull=True),
                name="entitlements_place_of_site",
            )
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.value or self.kind}"

    def clean(self) -> None:
        fault = find_place_fault(self.kind, self.value)
        if fault:
            raise ValidationError({"value": fault})


class Decision(models.Model):
    """A playback URL that was refused: the question, and each rule's verdict at that moment.

    What was allowed is kept with its playback session.
    """

    decision_id = models.CharField(primary_key=True, max_length=16)
    at = models.DateTimeField(db_index=True)
    code = models.CharField(max_length=32)
    why = models.CharField(max_length=512)
    trace = models.JSONField(default=list)
    user_id = models.UUIDField(null=True, blank=True, db_index=True)
    share_link_id = models.UUIDField(null=True, blank=True)
    video_id = models.UUIDField(db_index=True)
    address = models.CharField(max_length=45, blank=True)
    country = models.CharField(max_length=2, blank=True)

    class Meta:
        ordering: ClassVar = ["-at"]

    def __str__(self) -> str:
        return self.decision_id
