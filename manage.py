#!/usr/bin/env python
"""Run one of the project's commands: python manage.py help."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.apps import apps
    from django.conf import settings
    from django.core.management import execute_from_command_line

    from config import postgres

    postgres.ensure(settings.DATA_DIR)
    try:
        execute_from_command_line(sys.argv)
    finally:
        if apps.ready:
            import ledger  # whose door opens once the settings are read

            ledger.finish()


if __name__ == "__main__":
    main()
