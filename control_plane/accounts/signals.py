"""What accounts tell of themselves that allauth knows nothing of. `activity` listens.

Each is sent with `user`, whose account it is about, and `request`; with `by`, where another has
done it, and a `detail`, where there is more to say.
"""

from typing import Final

from django.dispatch import Signal

invited: Final = Signal()
invitation_revoked: Final = Signal()
invitation_used: Final = Signal()
application_approved: Final = Signal()
application_declined: Final = Signal()
second_factors_removed: Final = Signal()
