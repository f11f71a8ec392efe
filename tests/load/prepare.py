"""Make readings for the load runs and print where they are: prepare COUNT."""

import json
import sys


def main(count: int) -> None:
    """Make one annotator with `count` readings to do; print them as JSON."""
    import django

    django.setup()
    from tests.annotations.flow import make_item, make_member
    from tests.factories import PASSWORD, make_project

    project = make_project()
    annotator = make_member("annotator", project)
    items = [make_item(project=project, annotator=annotator) for _ in range(count)]
    made = {
        "email": annotator.email,
        "password": PASSWORD,
        "slug": project.slug,
        "items": [[str(i.pk), str(i.series.instances.get().pk)] for i in items],
    }
    sys.stdout.write(json.dumps(made))


if __name__ == "__main__":
    main(int(sys.argv[1]))
