"""The ASGI application: Django for everything but the bytes of resumable uploads."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "control_plane.settings")  # noqa: TID251
application = get_asgi_application()
