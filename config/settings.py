"""The one settings file.

What differs between a laptop, a demonstration and production comes from environment variables
(README.md lists them), read by `config.env`; a missing or wrong one stops the start.
"""

import os
import secrets
import tempfile
from email.utils import parseaddr
from hashlib import sha256
from pathlib import Path
from urllib.parse import unquote, urlsplit

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _
from redis.backoff import NoBackoff
from redis.retry import Retry

from config import env as environment

BASE_DIR = Path(__file__).resolve().parent.parent
env = environment.Environment(os.environ)

# --- Mode -------------------------------------------------------------------------------------

# pytest announces itself, and the processes that tests start inherit it.
TESTING = "PYTEST_VERSION" in os.environ
DEBUG = env.flag("DEBUG", default=False)
DEMO = env.flag("DEMO", default=False)
# On this machine only: loopback addresses, a generated secret key, mails kept in files.
LOCAL = env.flag("LOCAL", default=DEBUG or DEMO or TESTING)
if DEMO and not LOCAL:
    env.refuse("DEMO", expected="0 where LOCAL=0: demonstration accounts are for one machine")
if DEBUG and not LOCAL:
    env.refuse("DEBUG", expected="0 where LOCAL=0: debug pages show data and settings")

# --- Folders ----------------------------------------------------------------------------------


def _own_folder(name: str) -> Path:
    folder = VAR_DIR / name
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        writable = os.access(folder, os.W_OK | os.X_OK)
    except OSError:
        writable = False
    if not writable:
        env.refuse("JALON_VAR", expected=f"a folder to write to; {folder} is not")
        env.check()
    return folder


def _kept_secret(path: Path) -> str:
    """The secret kept in `path`, made at first use; a start at the same time gets the same one."""
    if not path.exists():
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(50))
        try:
            path.hardlink_to(draft)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text()


def _socket_path(folder: Path) -> Path:
    """The embedded store's socket; a system refuses a path of more than 104 characters."""
    path = folder / "store.sock"
    if len(os.fsencode(path)) < 100:
        return path
    digest = sha256(os.fsencode(path)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"jalon-{os.getuid()}-{digest}" / "store.sock"


VAR_DIR = Path(
    env.text(
        "JALON_VAR",
        default=str(BASE_DIR / "var" / (f"test-{os.getpid()}" if TESTING else "")),
    )
).resolve()
RUN_DIR = _own_folder("run")
LOG_DIR = _own_folder("log")

# --- Processes (config.supervisor) ------------------------------------------------------------

PORT = env.integer("PORT", default=8000, minimum=1, maximum=65535)
WEB_PROCESSES = env.integer("WEB_PROCESSES", default=1, minimum=1, maximum=64)
WORKER_PROCESSES = env.integer("WORKER_PROCESSES", default=2, minimum=1, maximum=64)

# --- Apps, requests, pages --------------------------------------------------------------------

INSTALLED_APPS = [
    "modeltranslation",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "django_filters",
    "django_htmx",
    "import_export",
    "foundation",
    "organisations",
    "plans",
    "themes",
    "indicators",
    "submissions",
    "progress",
]

MIDDLEWARE = [
    "foundation.middleware.RequestLog",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "foundation.middleware.NoStore",
    "foundation.middleware.NoNul",
    "organisations.middleware.AccountLanguage",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "foundation.context.page",
            ],
            "builtins": ["foundation.templatetags.dates"],
        },
    }
]

# --- Data -------------------------------------------------------------------------------------

database_url = env.url(
    "DATABASE_URL",
    default=f"sqlite:///{VAR_DIR / 'jalon.sqlite3'}",
    schemes=("postgresql", "postgres", "sqlite"),
    example="postgresql://user:password@host:5432/jalon",
)
if database_url.startswith("sqlite:"):
    DATABASES = {"default": environment.sqlite(database_url.removeprefix("sqlite:///"))}
    # A file, so that workers started by tests see it.
    DATABASES["default"]["TEST"] = {"NAME": str(VAR_DIR / "test.sqlite3")}
else:
    DATABASES = {"default": environment.postgresql(database_url)}

STORE_SOCKET = _socket_path(RUN_DIR)
REDIS_URL = env.url(
    "REDIS_URL",
    default=f"unix://{STORE_SOCKET}?db=0",
    schemes=("redis", "rediss", "unix"),
    example="redis://host:6379/0",
)
# Without REDIS_URL the supervisor runs a store of our own.
STORE_IS_EMBEDDED = not env.text("REDIS_URL")

CACHES = {
    "default": {
        "BACKEND": "foundation.cache.QuietRedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "jalon",
        "OPTIONS": {
            "socket_timeout": 0.2,
            "socket_connect_timeout": 0.2,
            "retry": Retry(NoBackoff(), 0),
        },
    }
}

CELERY_BROKER_URL = environment.celery_broker(REDIS_URL)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 900,
    # A silent store costs a bounded time; a worker's own blocking read lasts one second.
    "socket_timeout": 3,
    "socket_connect_timeout": 1,
    "socket_keepalive": True,
    # A publish that finds no store fails at once; workers go on looking for it by themselves.
    "max_retries": 0,
}
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
# A publish that fails is not tried again here: the outbox row stays and the relay comes back.
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_DEFAULT_QUEUE = "jalon"
CELERY_TASK_TIME_LIMIT = 600
CELERY_TASK_SOFT_TIME_LIMIT = 540
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "Europe/Brussels"

# --- Production: what is required ------------------------------------------------------------

EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_TIMEOUT = 10
if LOCAL:
    SECRET_KEY = env.text("SECRET_KEY") or _kept_secret(RUN_DIR / "secret_key")
    ALLOWED_HOSTS = env.hosts("ALLOWED_HOSTS") or ["localhost", "127.0.0.1", "[::1]"]
    CSRF_TRUSTED_ORIGINS = env.origins("CSRF_TRUSTED_ORIGINS", schemes=("http", "https"))
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = str(VAR_DIR / "mail")
else:
    SECRET_KEY = env.required("SECRET_KEY", expected="at least 50 random characters")
    if SECRET_KEY and (len(SECRET_KEY) < 50 or len(set(SECRET_KEY)) < 5):
        env.refuse("SECRET_KEY", expected="at least 50 random characters", secret=True)
    ALLOWED_HOSTS = env.hosts("ALLOWED_HOSTS")
    if not ALLOWED_HOSTS or "*" in ALLOWED_HOSTS:
        env.refuse("ALLOWED_HOSTS", expected="the host names served, such as jalon.example.be")
    CSRF_TRUSTED_ORIGINS = env.origins("CSRF_TRUSTED_ORIGINS", schemes=("https",))
    if not CSRF_TRUSTED_ORIGINS:
        env.refuse("CSRF_TRUSTED_ORIGINS", expected="origins such as https://jalon.example.be")
# Links in mails begin with it.
SITE_URL = CSRF_TRUSTED_ORIGINS[0] if CSRF_TRUSTED_ORIGINS else f"http://127.0.0.1:{PORT}"
mail_url = urlsplit(
    env.url(
        "EMAIL_URL",
        default="smtp://localhost:25?tls=0" if LOCAL else "",
        schemes=("smtp", "smtps"),
        example="smtp://user:password@host:587",
        needs_host=True,
    )
)
if env.text("EMAIL_URL"):
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = mail_url.hostname or ""
EMAIL_PORT = mail_url.port or (465 if mail_url.scheme == "smtps" else 587)
EMAIL_HOST_USER = unquote(mail_url.username or "")
EMAIL_HOST_PASSWORD = unquote(mail_url.password or "")
EMAIL_USE_SSL = mail_url.scheme == "smtps"
EMAIL_USE_TLS = mail_url.scheme == "smtp" and mail_url.query != "tls=0"
main_host = (ALLOWED_HOSTS or ["localhost"])[0].lstrip(".")
DEFAULT_FROM_EMAIL = env.address("DEFAULT_FROM_EMAIL", default=f"jalon@{main_host}", named=True)
SERVER_EMAIL = DEFAULT_FROM_EMAIL
# The secretariat: where questions and complaints about accessibility go, shown on forms and
# refusals. The demonstration's are fictitious.
CONTACT_EMAIL = env.address(
    "CONTACT_EMAIL",
    default="secretariat@demo.invalid" if DEMO else parseaddr(DEFAULT_FROM_EMAIL)[1],
)
SECRETARIAT_TELEPHONE = env.telephone(
    "SECRETARIAT_TELEPHONE", default="02 000 00 00" if DEMO else ""
)

# --- Security ---------------------------------------------------------------------------------

# How many proxies of ours stand in front; the last one sets X-Forwarded-Proto and -For.
TRUSTED_PROXIES = env.integer("TRUSTED_PROXIES", default=0 if LOCAL else 1, minimum=0, maximum=5)
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES

SECURE_SSL_REDIRECT = env.flag("SSL_REDIRECT", default=not LOCAL)
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_HSTS_SECONDS = 0 if LOCAL else 365 * 24 * 3600
SECURE_HSTS_INCLUDE_SUBDOMAINS = not LOCAL
SECURE_HSTS_PRELOAD = not LOCAL
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

COOKIE_PREFIX = "jalon_" if LOCAL else "__Host-"
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}session"
SESSION_COOKIE_SECURE = not LOCAL
SESSION_COOKIE_AGE = 8 * 3600
SESSION_ENGINE = "django.contrib.sessions.backends.db"
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}csrf"
CSRF_COOKIE_SECURE = not LOCAL
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "foundation.views.csrf_failure"
LANGUAGE_COOKIE_NAME = f"{COOKIE_PREFIX}language"
LANGUAGE_COOKIE_SECURE = not LOCAL
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
PERMISSIONS_POLICY: dict[str, list[str]] = {
    feature: []
    for feature in (
        "accelerometer",
        "autoplay",
        "camera",
        "display-capture",
        "encrypted-media",
        "fullscreen",
        "geolocation",
        "gyroscope",
        "magnetometer",
        "microphone",
        "midi",
        "payment",
        "usb",
        "xr-spatial-tracking",
    )
}

# --- People -----------------------------------------------------------------------------------

AUTH_USER_MODEL = "organisations.User"
AUTHENTICATION_BACKENDS = ["organisations.backends.AccountBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in (
        ("UserAttributeSimilarityValidator", {}),
        ("MinimumLengthValidator", {"min_length": 15}),
        ("CommonPasswordValidator", {}),
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
PASSWORD_RESET_TIMEOUT = 24 * 3600

ACCOUNT_ADAPTER = "organisations.adapters.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
# An account begins with a link sent to its address, which proves the address.
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
# Nobody can make Jalon write to an address that has no account.
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
# The one throttle (docs/adr/0007). The key of a failed sign-in is the address and the client's
# IP together, so that guessing from elsewhere never locks the owner out.
# A calendar program asks for its address a few times an hour; many stand behind one address.
ACCOUNT_RATE_LIMITS = {
    "login_failed": "20/5m/ip,5/5m/key",
    "calendar": "600/5m/ip,20/5m/key",
}
# Security keys need scripts written into the page, which the policy above refuses.
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_ADAPTER = "organisations.adapters.MFAAdapter"
MFA_TOTP_ISSUER = "Jalon"

# --- Languages and time -----------------------------------------------------------------------

LANGUAGES = [("fr", _("French")), ("nl", _("Dutch")), ("de", _("German")), ("en", _("English"))]
LANGUAGE_CODE = "fr"
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Europe/Brussels"
MODELTRANSLATION_DEFAULT_LANGUAGE = "fr"
MODELTRANSLATION_LANGUAGES = ("fr", "nl", "de", "en")
MODELTRANSLATION_FALLBACK_LANGUAGES = ("fr", "nl", "de", "en")

# --- Files ------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    # What people upload is read through pages that ask who one is, by nobody else on the machine.
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"file_permissions_mode": 0o600, "directory_permissions_mode": 0o700},
    },
    "staticfiles": {
        "BACKEND": (
            "django.contrib.staticfiles.storage.StaticFilesStorage"
            if DEBUG or TESTING
            else "whitenoise.storage.CompressedManifestStaticFilesStorage"
        )
    },
}
WHITENOISE_USE_FINDERS = DEBUG or TESTING
MEDIA_ROOT = VAR_DIR / "media"
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
# A central source asked about every zone: 4,000 figures of a few fields each, in one form.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 50_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

# --- Logs -------------------------------------------------------------------------------------

LOG_LEVEL = env.choice("LOG_LEVEL", default="INFO", choices=("DEBUG", "INFO", "WARNING", "ERROR"))
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "foundation.logging.RequestIdFilter"}},
    "formatters": {
        "json": {"()": "foundation.logging.JsonFormatter"},
        "plain": {
            "format": "{asctime} {levelname} {name} [{request_id}] {message}",
            "style": "{",
        },
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "filters": ["request_id"],
            "formatter": "plain" if LOCAL else "json",
        }
    },
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        # Replaces Django's own handlers, among them the mail that would carry a page's data.
        "django": {"handlers": [], "level": LOG_LEVEL, "propagate": True},
        # The schedule ticks every two seconds.
        "celery.beat": {"level": "WARNING"},
        "celery.worker.strategy": {"level": "WARNING"},
        "celery.app.trace": {"level": "WARNING"},
    },
}

env.check()
