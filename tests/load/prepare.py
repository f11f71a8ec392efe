"""Make readings for the load runs and print where they are: prepare COUNT."""

import json
import sys
from typing import Any


def main(count: int) -> None:
    """Make one annotator with a real series and `count` readings to do; print them as JSON."""
    import django

    django.setup()
    from tests.annotations.flow import make_item, make_member
    from tests.factories import PASSWORD, make_project

    project = make_project()
    annotator = make_member("annotator", project)
    reading, frames = real_reading(project, annotator)
    items = [make_item(project=project, annotator=annotator) for _ in range(count)]
    made = {
        "email": annotator.email,
        "password": PASSWORD,
        "slug": project.slug,
        "reading": reading,
        "frames": frames,
        "items": [[str(i.pk), str(i.series.instances.get().pk)] for i in items],
        "import_slug": make_project().slug,
    }
    sys.stdout.write(json.dumps(made))


def real_reading(project: Any, annotator: Any) -> tuple[str, list[str]]:
    """Take in a series of 20 real slices; return its reading and its frames' addresses."""
    from django.urls import reverse

    from tests.annotations.flow import make_item
    from tests.annotations.imaged import make_real_series

    series = make_real_series(project, slices=20)
    item = make_item(project=project, annotator=annotator, series=series)
    frames = [reverse("annotations-api:frame", args=[pk, frame]) for pk, frame in series.slices]
    return reverse("annotations:read", args=[project.slug, item.pk]), frames


if __name__ == "__main__":
    main(int(sys.argv[1]))
