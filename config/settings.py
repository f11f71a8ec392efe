"""Every setting in one file; whatever differs between machines comes from the environment."""

from pathlib import Path
from typing import Any

import environ

from config import ledger_settings, logs, postgres
from config.keys import site_key
from config.ledger_settings import *  # noqa: F403  one file for the ledger's
from config.ledger_settings import BASE_DIR, DATA_DIR
from config.outside_settings import *  # noqa: F403  what is met outside: mail, proxies

env = environ.Env()

KEY_DIR = DATA_DIR / "keys"
BLOB_DIR = DATA_DIR / "blobs"

DEBUG = False
SECRET_KEY = env.str("SECRET_KEY", default="") or site_key(KEY_DIR, "django").hex()
LEDGER_NETWORK_KEY = site_key(KEY_DIR, "network")
BLOB_KEY = site_key(KEY_DIR, "blobs")
DEID_KEY = site_key(KEY_DIR, "deidentification")
LEDGER_SITE = env.str("LEDGER_SITE", default="localhost")

ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
BEHIND_TLS = env.bool("BEHIND_TLS", default=False)

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "django_filters",
    "django_htmx",
    "guardian",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "axes",
    "csp",
    "ledger",
    "accounts",
    "annotations",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "config.headers.HeadersMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "config.sign_in.SignInMiddleware",  # every page, unless it opts out
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.api.tokens.BearerMiddleware",
    "accounts.middleware.SessionLimitsMiddleware",
    "accounts.middleware.OriginMiddleware",
    "config.refusals.RefusalMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "config" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.shell.shell",
            ],
            "libraries": {"frontend_tags": "config.frontend_tags"},
        },
    }
]

# The application connects as ledger_app; what needs more goes through a connection of its own.
URLS = postgres.database_urls(DATA_DIR)
DATABASES = {
    "default": {
        **env.db_url_config(URLS["DATABASE_URL"]),
        "CONN_MAX_AGE": None,  # nobody waits for a login to the database after a pause
        "CONN_HEALTH_CHECKS": True,  # a restarted server is not an error of the next request
    },
    **ledger_settings.databases(URLS),
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
    "accounts.backends.LedgerAccessBackend",
    "guardian.backends.ObjectPermissionBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 15},  # NIST SP 800-63B-4: 15 where it stands alone
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
ANONYMOUS_USER_NAME = None  # guardian: nobody is a user before signing in
GUARDIAN_MONKEY_PATCH_USER = GUARDIAN_MONKEY_PATCH_GROUP = False

LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "accounts.adapter.ClosedAccountAdapter"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_SESSION_REMEMBER = False  # the cookie goes with the browser
ACCOUNT_RATE_LIMITS = {"login": "120/m/ip", "login_failed": False}  # axes counts failures
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_CLIENT_IP_CALLABLE = "accounts.http.client_address"
AXES_WHITELIST_CALLABLE = "accounts.adapter.is_known_browser"
AXES_RESET_ON_SUCCESS = True
AXES_USERNAME_CALLABLE = "accounts.adapter.throttled_account"
AXES_SENSITIVE_PARAMETERS = ["login", "username"]
AXES_LOCKOUT_CALLABLE = "accounts.web.sign_in_pages.locked_out"
AXES_DISABLE_ACCESS_LOG = True  # the record of sign-ins is the ledger
AXES_VERBOSE = False

SESSION_IDLE_SECONDS = env.int("SESSION_IDLE_SECONDS", default=900)
SESSION_ABSOLUTE_SECONDS = env.int("SESSION_ABSOLUTE_SECONDS", default=43_200)
SESSION_WARN_SECONDS = env.int("SESSION_WARN_SECONDS", default=120)
SESSION_ENGINE = "config.session_store"
SESSION_COOKIE_AGE = SESSION_ABSOLUTE_SECONDS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Strict"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = BEHIND_TLS
SECURE_REDIRECT_EXEMPT = [r"^health/$"]  # watchdogs ask from inside
SECURE_HSTS_SECONDS = 31_536_000 if BEHIND_TLS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_TLS else None
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_REFERRER_POLICY = "same-origin"  # "no-referrer" makes browsers send "Origin: null"
CSRF_FAILURE_VIEW = "config.refusals.stale_form"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY: dict[str, Any] = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}

REST_FRAMEWORK = {
    "DEFAULT_PERMISSION_CLASSES": [
        "rest_framework.permissions.IsAuthenticated",
        "accounts.api.tokens.ScopeNamed",
    ],
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.api.tokens.BearerToken",
        "config.sign_in.SessionSignIn",
    ],
    "DEFAULT_PARSER_CLASSES": ["config.strict_json.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "config.refusals.api_exception_handler",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Annotation ledger",
    "VERSION": "0.1.0",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
}

LOGGING = logs.LOGGING
LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_TZ = True
STATIC_URL = "static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(BASE_DIR / "staticfiles")))
STATICFILES_DIRS = [BASE_DIR / "frontend" / "dist"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}
# What the front end builds is named by its content: browsers need not ask for it again.
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/static/assets/.+-[\w-]{8}\.\w+$"
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000  # a review of access decides on every role at once
FILE_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024
IMPORT_WORKERS = env.int("IMPORT_WORKERS", default=1)  # threads that open uploads; 0: elsewhere
