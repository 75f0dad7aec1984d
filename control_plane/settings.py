"""Django's settings, derived from `Config`."""

from pathlib import Path
from typing import Any

from psycopg.conninfo import conninfo_to_dict

from control_plane.config import Config
from shared.runtime.broker import celery_settings
from shared.runtime.config import load_config

CONFIG = load_config(Config)
ROOT = Path(__file__).resolve().parent

# What is served, and how it is secured

DEBUG = False
SECRET_KEY = CONFIG.secret_key.get_secret_value()
ALLOWED_HOSTS = list(CONFIG.allowed_hosts)
CSRF_TRUSTED_ORIGINS = [CONFIG.url]
SECURE = CONFIG.url.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_CONTENT_TYPE_NOSNIFF = True
# `no-referrer` would make forms post `Origin: null`, which the CSRF check refuses over https.
SECURE_REFERRER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE else None
X_FRAME_OPTIONS = "DENY"
APPEND_SLASH = False
ROOT_URLCONF = "control_plane.urls"
ASGI_APPLICATION = "control_plane.asgi.application"

INSTALLED_APPS = [
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.headless",
    "allauth.usersessions",
    "corsheaders",
    "csp",
    "django_filters",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "drf_standardized_errors",
    "control_plane.accounts",
    "control_plane.signing",
    "control_plane.entitlements",
    "control_plane.catalogue",
    "control_plane.transcodes",
    "control_plane.uploads",
    "control_plane.playback",
    "control_plane.web",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "control_plane.web.static_files.StaticFilesMiddleware",
    "csp.middleware.CSPMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

# Where state lives


def _database(url: str) -> dict[str, Any]:
    parts = conninfo_to_dict(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.get("dbname", ""),
        "USER": parts.get("user", ""),
        "PASSWORD": parts.get("password", ""),
        "HOST": parts.get("host", ""),
        "PORT": parts.get("port", ""),
        "OPTIONS": {"pool": {"min_size": 1, "max_size": 10, "timeout": 10}},
    }


DATABASES = {"default": _database(CONFIG.database_url.get_secret_value())}
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": CONFIG.redis_url.get_secret_value(),
        "KEY_PREFIX": "control",
    }
}
# The refresh strategy locks session rows, so sessions live in the database.
SESSION_ENGINE = "django.contrib.sessions.backends.db"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CELERY = celery_settings(CONFIG.redis_url.get_secret_value())

# Pages

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
STATIC_URL = "/static/"
NODE_MODULES = ROOT.parent / "node_modules"
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "control_plane.web.static_files.LibraryFinder",
]
WHITENOISE_USE_FINDERS = True
LOGIN_URL = "web:log-in"
LOGIN_REDIRECT_URL = "web:catalogue"
UNFOLD = {
    "SITE_TITLE": "Sluice",
    "SITE_HEADER": "Sluice",
    "SITE_SUBHEADER": "Administration",
    "SITE_SYMBOL": "water",
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": "/static/web/mark.svg"},
    ],
    "SHOW_HISTORY": False,
    "DASHBOARD_CALLBACK": "control_plane.web.dashboard.describe_site",
    "SIDEBAR": {"navigation": "control_plane.web.navigation.list_admin_pages"},
    "COLORS": {
        "primary": {
            "50": "oklch(97.5% .014 210)",
            "100": "oklch(94.5% .032 210)",
            "200": "oklch(89% .06 212)",
            "300": "oklch(81% .095 215)",
            "400": "oklch(70% .115 219)",
            "500": "oklch(60% .11 224)",
            "600": "oklch(51% .1 229)",
            "700": "oklch(44% .086 232)",
            "800": "oklch(38% .072 234)",
            "900": "oklch(33% .058 236)",
            "950": "oklch(24% .045 240)",
        },
    },
}
LOGGING_CONFIG = None

# Accounts

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
