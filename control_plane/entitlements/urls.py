"""Routes of entitlements."""

from django.urls import URLPattern, URLResolver, path

from control_plane.entitlements.api import Grants, OneGrant
from control_plane.entitlements.offer_api import (
    OneDecision,
    OneShareLink,
    OneSubscription,
    Plans,
    ShareLinks,
    Subscriptions,
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("grants", Grants.as_view(), name="grants"),
    path("grants/<uuid:grant_id>", OneGrant.as_view(), name="grant"),
    path("plans", Plans.as_view(), name="plans"),
    path("subscriptions", Subscriptions.as_view(), name="subscriptions"),
    path("subscriptions/<uuid:subscription_id>", OneSubscription.as_view(), name="subscription"),
    path("share-links", ShareLinks.as_view(), name="share-links"),
    path("share-links/<uuid:link_id>", OneShareLink.as_view(), name="share-link"),
    path("decisions/<slug:decision_id>", OneDecision.as_view(), name="decision"),
]
