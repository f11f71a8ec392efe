"""The site's settings with its peers installed beside it; used by nothing but the benchmark."""

from config.settings import *  # noqa: F403  the whole of them, as in production
from config.settings import INSTALLED_APPS as OF_THE_SITE

INSTALLED_APPS = [*OF_THE_SITE, "simple_history", "auditlog", "pgtrigger", "pghistory", "bench"]
SILENCED_SYSTEM_CHECKS = ["ledger.E102"]  # the benchmark's event is in no regulation's words
