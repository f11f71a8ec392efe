#!/usr/bin/env python
"""Run one of the project's commands: python manage.py help."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.conf import settings
    from django.core.management import execute_from_command_line

    from config import postgres

    postgres.ensure(settings.DATA_DIR)
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
