"""What a web process has done before its first answer."""

import os
import subprocess
import sys

from tests.cluster import ROOT

SCRIPT = """
import gc, sys, django
django.setup()
from config.ready import get_ready
get_ready()
print("annotations.web.worklist_pages" in sys.modules, gc.get_freeze_count())
"""


def test_views_are_loaded_and_left_alone_by_the_garbage_collector() -> None:
    said = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        cwd=ROOT,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings"},
        capture_output=True,
        text=True,
        check=True,
    )

    loaded, frozen = said.stdout.split()
    assert loaded == "True"
    assert int(frozen) > 100_000
