"""The ledger's own settings; `config.settings` takes over every name in capitals."""

from pathlib import Path
from typing import Any

import environ

env = environ.Env()

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / ".data"))).resolve()

# The signer's keys and what it signed last; never inside the database, nor in its backup.
SIGNER_DIR = Path(env.str("SIGNER_DIR", default=str(DATA_DIR / "signer"))).absolute()
SIGNER_KEYS = env.str("SIGNER_KEYS", default="ledger.signing_keys.FileKeys")
LEDGER_JOBS = env.bool("LEDGER_JOBS", default=True)  # False: `manage.py run_ledger_jobs`
# Inspection bundles that were asked for on a page; their files go after so many days.
BUNDLE_DIR = Path(env.str("BUNDLE_DIR", default=str(DATA_DIR / "bundles"))).absolute()
BUNDLE_DAYS = env.int("BUNDLE_DAYS", default=30)
CHECKPOINT_SECONDS = env.int("CHECKPOINT_SECONDS", default=60)
CHECKPOINT_ENTRIES = env.int("CHECKPOINT_ENTRIES", default=1000)
VERIFICATION_HOUR = env.int("VERIFICATION_HOUR", default=2)  # UTC, each night

# Where checkpoints go besides; docs/witnesses.md and the system checks say what each takes.
ANCHOR_FOLDER = env.str("ANCHOR_FOLDER", default=str(DATA_DIR / "anchors"))
ANCHOR_FOLDER_IS_OURS = "ANCHOR_FOLDER" not in env.ENVIRON  # made on first use; others never
ANCHOR_S3_BUCKET = env.str("ANCHOR_S3_BUCKET", default="")
ANCHOR_S3_ENDPOINT = env.str("ANCHOR_S3_ENDPOINT", default="")
ANCHOR_S3_REGION = env.str("ANCHOR_S3_REGION", default="")
ANCHOR_S3_ACCESS_KEY = env.str("ANCHOR_S3_ACCESS_KEY", default="")
ANCHOR_S3_SECRET_KEY = env.str("ANCHOR_S3_SECRET_KEY", default="")
ANCHOR_S3_PREFIX = env.str("ANCHOR_S3_PREFIX", default="")
ANCHOR_S3_RETAIN_DAYS = env.int("ANCHOR_S3_RETAIN_DAYS", default=3650)
TSA_URLS: list[str] = env.list("TSA_URLS", default=[])  # "url" or "url policy-oid"
TSA_CERTIFICATES: list[str] = env.list("TSA_CERTIFICATES", default=[])  # PEM files
TSA_RENEW_DAYS = env.int("TSA_RENEW_DAYS", default=90)  # before a certificate or algorithm ends
TSA_ALGORITHM_ENDS: list[str] = env.list(  # NIST SP 800-57 part 1 rev. 5: 112 bits until 2030
    "TSA_ALGORITHM_ENDS", default=["rsa-2048 2031-01-01"]
)
TEST_AUTHORITY = env.bool("TEST_AUTHORITY", default=False)  # stamps for trying out: no proof
WITNESSES: list[str] = env.list("WITNESSES", default=[])  # "vkey url"


def databases(urls: dict[str, str]) -> dict[str, dict[str, Any]]:
    """Return the connections of the ledger's other roles.

    "migrate" owns the tables, "seal" writes tiles, checkpoints and anchors, "erase" may only
    blank a body.  The application's role, "default", can do none of it.
    """
    return {
        "migrate": env.db_url_config(urls["MIGRATE_DATABASE_URL"]),
        "seal": {
            **env.db_url_config(urls["SEAL_DATABASE_URL"]),
            "CONN_MAX_AGE": None,
            "CONN_HEALTH_CHECKS": True,
        },
        "erase": env.db_url_config(urls["ERASE_DATABASE_URL"]),
    }
