"""The web process: gunicorn serves `application`."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

import ledger
from config import postgres

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
postgres.ensure(settings.DATA_DIR)
application = get_wsgi_application()
ledger.serve()  # refuses a database that could lose or rewrite the record

from accounts import jobs as accounts_jobs  # noqa: E402  models load once it is made
from annotations import jobs  # noqa: E402
from config.ready import get_ready  # noqa: E402

jobs.wake()  # uploads that a stopped server left waiting
accounts_jobs.wake()  # alerts that a stopped server left waiting
get_ready()
