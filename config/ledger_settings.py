"""The ledger's own settings: the roles it connects by, beside the application's."""

from typing import Any

import environ

env = environ.Env()


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
