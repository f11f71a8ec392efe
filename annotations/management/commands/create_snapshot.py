"""Freeze the accepted work of a project into a dataset."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

import ledger
from accounts.models import Project
from annotations import snapshot
from annotations.errors import AnnotationsError
from annotations.split import Split

ACTOR = "system:create_snapshot"


class Command(BaseCommand):
    """Freeze every accepted reading of a project, split by subject."""

    help = "Freeze the accepted readings of a project into a snapshot, split by subject."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--project", required=True, metavar="SLUG")
        parser.add_argument("--split", required=True, metavar="80:10:10")
        parser.add_argument("--name", default="", help="a number is given if left out")
        parser.add_argument("--json", action="store_true", dest="as_json")

    def handle(self, *_args: Any, **options: Any) -> None:
        project = Project.objects.filter(slug=options["project"]).first()
        if project is None:
            raise CommandError(f"There is no project “{options['project']}”.")
        try:
            split = Split.parse(options["split"])
            with ledger.origin(device="command line"):
                one = snapshot.freeze(project, name=options["name"], split=split, by=ACTOR)
        except AnnotationsError as refusal:
            raise CommandError(str(refusal)) from refusal
        counts = one.body["counts"]
        found = {"id": str(one.pk), "name": one.name, "root": one.root, "subsets": counts}
        if options["as_json"]:
            self.stdout.write(json.dumps(found))
            return
        self.stdout.write(f"{one.name}: {one.pk}\nroot {one.root}")
        for subset, of_subset in counts.items():
            self.stdout.write(
                f"{subset}: {of_subset['subjects']} subjects, {of_subset['images']} images, "
                f"{of_subset['annotations']} annotations"
            )
