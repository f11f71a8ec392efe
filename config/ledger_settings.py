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
CHECKPOINT_SECONDS = env.int("CHECKPOINT_SECONDS", default=60)
CHECKPOINT_ENTRIES = env.int("CHECKPOINT_ENTRIES", default=1000)
VERIFICATION_HOUR = env.int("VERIFICATION_HOUR", default=2)  # UTC, each night


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
