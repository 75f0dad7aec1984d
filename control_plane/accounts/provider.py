"""The kinds of providers that allauth finds here, by this module's name."""

from typing import Final

from control_plane.accounts.providers.facebook import Facebook
from control_plane.accounts.providers.openid import OpenIdConnect

provider_classes: Final = [OpenIdConnect, Facebook]
