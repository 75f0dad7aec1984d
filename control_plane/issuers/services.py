"""Letting other sites sign, and stopping them."""

from datetime import datetime

from django.db import transaction

from control_plane.issuers.documents import find_faults, read_keys
from control_plane.issuers.models import Issuer
from control_plane.revocations.services import lift_revocation, revoke_key
from control_plane.signing.models import SigningKey
from shared.events.revocations import RevocationScope
from shared.issuers import MAX_ISSUERS


def find_obstacles(issuer: Issuer) -> list[str]:
    """Why a site may not sign: what is wrong with it, or at odds with others. Best is none."""
    faults = find_faults(issuer)
    others = Issuer.objects.exclude(pk=issuer.pk)
    if others.count() >= MAX_ISSUERS:
        faults.append(f"There are {MAX_ISSUERS} other sites already.")
    taken = set(SigningKey.objects.values_list("kid", flat=True))
    taken.update(kid for other in others for kid in read_keys(other))
    faults += [f"The key {kid} is another's." for kid in read_keys(issuer) if kid in taken]
    return faults


@transaction.atomic
def store_issuer(issuer: Issuer, *, now: datetime) -> None:
    """Store a site without obstacles. Keys that it may not use any more are revoked at once; those
    that it may use again are lifted."""
    stored = Issuer.objects.select_for_update().filter(pk=issuer.pk).first()
    before = set() if stored is None else _list_trusted(stored)
    issuer.save()
    after = _list_trusted(issuer)
    for kid in before - after:
        revoke_key(kid, now=now)
    for kid in after - before:
        lift_revocation(RevocationScope.KEY, kid)


@transaction.atomic
def delete_issuer(issuer: Issuer, *, now: datetime) -> None:
    """Let a site sign no more, and end all that it has signed."""
    for kid in _list_trusted(issuer):
        revoke_key(kid, now=now)
    issuer.delete()


def _list_trusted(issuer: Issuer) -> set[str]:
    return set(read_keys(issuer)) if issuer.enabled else set()
