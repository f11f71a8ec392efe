"""What the site meets outside: proxies, mail; `config.settings` takes over its capitals."""

from typing import Any

import environ

from config.ledger_settings import DATA_DIR

env = environ.Env()
SITE = env.str("LEDGER_SITE", default="localhost")

# Whose X-Forwarded-For counts, as addresses or networks; nobody's unless named here.
TRUSTED_PROXIES: list[str] = env.list("TRUSTED_PROXIES", default=[])

# The organisations whose own sign-in (OpenID Connect) is taken, as a JSON list of objects with
# id, name, issuer, client_id and secret; their callback is /sign-in/organisation/<id>/back/.
ORGANISATIONS: list[dict[str, str]] = env.json("OIDC_ORGANISATIONS", default=[])

# Alerts go to these people by EMAIL_URL (smtp+tls://…); without one, into files, to try it out.
SECURITY_CONTACTS: list[str] = env.list("SECURITY_CONTACTS", default=[])
SITE_URL = env.str("SITE_URL", default=f"https://{SITE}")  # how links in mail begin
_MAIL: dict[str, Any] = env.email_url("EMAIL_URL", default="filemail://")
EMAIL_BACKEND = _MAIL["EMAIL_BACKEND"]
EMAIL_HOST, EMAIL_PORT = _MAIL.get("EMAIL_HOST") or "localhost", _MAIL.get("EMAIL_PORT") or 25
EMAIL_HOST_USER = _MAIL.get("EMAIL_HOST_USER") or ""
EMAIL_HOST_PASSWORD = _MAIL.get("EMAIL_HOST_PASSWORD") or ""
EMAIL_USE_TLS = bool(_MAIL.get("EMAIL_USE_TLS"))
EMAIL_USE_SSL = bool(_MAIL.get("EMAIL_USE_SSL"))
EMAIL_FILE_PATH = str(DATA_DIR / "mail")
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("MAIL_FROM", default=f"ledger@{SITE}")
