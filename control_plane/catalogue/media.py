"""The media store that sources arrive in and assets are served from."""

from functools import cache

from django.conf import settings

from shared.runtime.store.interface import Store
from shared.runtime.store.local import LocalStore


@cache
def open_store() -> Store:
    """The store of this deployment."""
    return LocalStore(settings.CONFIG.media_store)
