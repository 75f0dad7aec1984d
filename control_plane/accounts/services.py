"""Changes to accounts that are no part of signing up and logging in."""

from allauth.account.models import EmailAddress
from django.contrib.auth.password_validation import validate_password
from django.db import transaction

from control_plane.accounts.models import Role, User


@transaction.atomic
def ensure_admin(*, email: str, password: str) -> bool:
    """Make an administrator with a verified address; whether there was none with it before.

    An account that exists is left as it is. Raises Django's `ValidationError` for an address
    or a password that will not do.
    """
    address = email.strip().lower()
    if User.objects.filter(email=address).exists():
        return False
    validate_password(password, User(email=address))
    user = User.objects.create_user(address, password, role=Role.ADMIN)
    EmailAddress.objects.create(user=user, email=address, verified=True, primary=True)
    return True
