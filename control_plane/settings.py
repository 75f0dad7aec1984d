"""Django's settings, derived from `Config`."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from corsheaders.defaults import default_headers
from psycopg.conninfo import conninfo_to_dict

from control_plane.config import Config
from control_plane.content_security import strict_policy
from shared.runtime.broker import celery_settings
from shared.runtime.config import load_config

CONFIG = load_config(Config)
ROOT = Path(__file__).resolve().parent

# What is served, and how it is secured

DEBUG = False
SECRET_KEY = CONFIG.secret_key.get_secret_value()
ALLOWED_HOSTS = [*CONFIG.allowed_hosts, str(urlsplit(CONFIG.url).hostname)]
CSRF_TRUSTED_ORIGINS = [CONFIG.url, *CONFIG.cors_origins]
CSRF_FAILURE_VIEW = "control_plane.errors.handle_csrf_failure"
SECURE = CONFIG.url.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_CONTENT_TYPE_NOSNIFF = True
# `no-referrer` would make forms post `Origin: null`, which the CSRF check refuses over https.
SECURE_REFERRER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
# nginx sends people on already; edges and whoever asks for health come from inside, without TLS.
SECURE_SSL_REDIRECT = SECURE
SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$", r"^\.well-known/"]
# Whether all names below this one speak TLS, and shall for years, is for their owner to say.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE else None
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {"DIRECTIVES": strict_policy(CONFIG.edge_url)}
CORS_URLS_REGEX = "^/api/"
CORS_ALLOWED_ORIGINS = list(CONFIG.cors_origins)
CORS_ALLOW_CREDENTIALS = True
CORS_ALLOW_HEADERS = [
    *default_headers,
    "idempotency-key",
    "tus-resumable",
    "upload-checksum",
    "upload-length",
    "upload-metadata",
    "upload-offset",
    "x-email-verification-key",
    "x-http-method-override",
    "x-password-reset-key",
    "x-session-token",
]
CORS_EXPOSE_HEADERS = [
    "idempotency-replayed",
    "location",
    "ratelimit",
    "ratelimit-policy",
    "retry-after",
    "tus-checksum-algorithm",
    "tus-extension",
    "tus-max-size",
    "tus-resumable",
    "tus-version",
    "upload-expires",
    "upload-length",
    "upload-offset",
]
APPEND_SLASH = False
ROOT_URLCONF = "control_plane.urls"
ASGI_APPLICATION = "control_plane.asgi.application"

INSTALLED_APPS = [
    "control_plane.web.admin_site.AdminTheme",
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
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.usersessions",
    "corsheaders",
    "csp",
    "django_filters",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "drf_standardized_errors",
    "control_plane.idempotency",
    "control_plane.revocations",
    "control_plane.accounts",
    "control_plane.activity",
    "control_plane.api_keys",
    "control_plane.creator_requests",
    "control_plane.permission_grants",
    "control_plane.signing",
    "control_plane.issuers",
    "control_plane.refusals",
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
    "control_plane.content_security.ContentSecurityMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "control_plane.errors.BareRefusals",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "control_plane.limits.middleware.RateLimits",  # knows sessions, and reads no body
    "control_plane.unusable_input.UnusableInput",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "control_plane.activity.middleware.AdminActivity",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "control_plane.accounts.middleware.AccountProblems",  # sees what allauth itself answers
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "web" / "templates"],  # ours come before the admin theme's
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
        "NAME": parts.pop("dbname", ""),
        "USER": parts.pop("user", ""),
        "PASSWORD": parts.pop("password", ""),
        "HOST": parts.pop("host", ""),
        "PORT": parts.pop("port", ""),
        "CONN_HEALTH_CHECKS": True,  # else each connection of the pool fails once after a restart
        "OPTIONS": {**parts, "pool": {"min_size": 1, "max_size": 10, "timeout": 10}},
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
LOGGING_CONFIG = None  # `shared.runtime.logs`, at the entry of each process

# The API

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "control_plane.api_keys.authentication.ApiKeyAuthentication",
        "allauth.headless.contrib.rest_framework.authentication.JWTTokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": [
        "rest_framework.parsers.JSONParser",
        "rest_framework.parsers.MultiPartParser",
    ],
    "DEFAULT_FILTER_BACKENDS": ["control_plane.filtering.StrictFilters"],
    "DEFAULT_PAGINATION_CLASS": "control_plane.paging.NewestFirst",
    "DEFAULT_SCHEMA_CLASS": "control_plane.openapi.ProblemSchema",
    # Error responses vanish from the API's description when this is any other function.
    "EXCEPTION_HANDLER": "drf_standardized_errors.handler.exception_handler",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
DRF_STANDARDIZED_ERRORS = {
    "EXCEPTION_HANDLER_CLASS": "control_plane.errors.ProblemHandler",
    "EXCEPTION_FORMATTER_CLASS": "control_plane.errors.ProblemFormatter",
    "ERROR_SCHEMAS": {
        "400": "control_plane.openapi.InvalidProblem",
        **dict.fromkeys(
            ["401", "403", "404", "405", "406", "415", "429", "500"],
            "control_plane.openapi.Problem",
        ),
    },
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Sluice",
    "DESCRIPTION": "Self-hosted, token-gated HLS streaming: the control plane.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "ENUM_NAME_OVERRIDES": {
        "ActivityKindEnum": "control_plane.activity.models.Kind",
        "CreatorRequestStateEnum": "control_plane.creator_requests.models.RequestState",
        "JobStateEnum": "control_plane.transcodes.models.JobStateChoice",
        "ChunkStateEnum": "control_plane.transcodes.models.ChunkState",
        "JobStageEnum": "control_plane.transcodes.models.Stage",
        "KeyStageEnum": "control_plane.signing.models.StageChoice",
        "FailureReasonEnum": "control_plane.transcodes.models.REASONS",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_standardized_errors.openapi_hooks.postprocess_schema_enums",
        "control_plane.uploads.openapi.add_upload_operations",
        "control_plane.accounts.openapi.add_account_operations",
        "control_plane.openapi.document_everywhere",
    ],
}

# Accounts

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["email", "display_name"]},
    },
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ACCOUNT_ADAPTER = "control_plane.accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_SIGNUP_FORM_CLASS = "control_plane.accounts.forms.SignUpForm"
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_NOTIFICATIONS = True  # of changes that whoever took an account over would make
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if SECURE else "http"
SOCIALACCOUNT_ADAPTER = "control_plane.accounts.social_adapter.SocialAccountAdapter"
SOCIALACCOUNT_STORE_TOKENS = False
# An address that a provider knows as somebody's opens no account here that has it.
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
# Else whoever has got hold of a session could come back by an account of their own.
SOCIALACCOUNT_REAUTHENTICATION_REQUIRED = True
HEADLESS_ONLY = True
_FRONT_END = CONFIG.front_end_url or CONFIG.url
HEADLESS_FRONTEND_URLS = {
    "account_confirm_email": f"{_FRONT_END}/verify/{{key}}",
    "account_reset_password": f"{_FRONT_END}/reset",
    "account_reset_password_from_key": f"{_FRONT_END}/reset/{{key}}",
    "account_signup": f"{_FRONT_END}/signup",
    "socialaccount_login_error": f"{_FRONT_END}/login/return",
}
LOG_IN_LINK = f"{_FRONT_END}/login"
SIGN_UP_LINK = f"{_FRONT_END}/signup?invitation={{token}}"
HEADLESS_TOKEN_STRATEGY = "control_plane.accounts.tokens.LockedFamilyStrategy"  # noqa: S105
HEADLESS_JWT_PRIVATE_KEY = CONFIG.jwt_private_key.get_secret_value()
HEADLESS_JWT_ACCESS_TOKEN_EXPIRES_IN = 15 * 60
HEADLESS_JWT_REFRESH_TOKEN_EXPIRES_IN = SESSION_COOKIE_AGE
# A deleted session's access tokens end with it, at the price of reading it in each request.
HEADLESS_JWT_STATEFUL_VALIDATION_ENABLED = True
MFA_ADAPTER = "control_plane.accounts.second_factors.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = str(urlsplit(CONFIG.url).hostname)
MFA_TOTP_TOLERANCE = 1  # the step before and the one after, as people and clocks are slow
MFA_RECOVERY_CODES_SHOW_ONCE = True

# Mail goes to standard output until a server is named.

EMAIL_BACKEND = (
    f"django.core.mail.backends.{'smtp' if CONFIG.email_host else 'console'}.EmailBackend"
)
EMAIL_HOST = CONFIG.email_host
EMAIL_PORT = CONFIG.email_port
EMAIL_HOST_USER = CONFIG.email_user
EMAIL_HOST_PASSWORD = CONFIG.email_password.get_secret_value()
EMAIL_USE_TLS = CONFIG.email_security == "starttls"
EMAIL_USE_SSL = CONFIG.email_security == "tls"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = SERVER_EMAIL = CONFIG.email_from
