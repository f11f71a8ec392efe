"""The web process: gunicorn serves `application`."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from config import postgres

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
postgres.ensure(settings.DATA_DIR)
application = get_wsgi_application()
