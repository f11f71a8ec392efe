"""A process that lets the record grow, signs it and hands it to the anchors, once.

python -m tests.faults.anchoring PROJECT ENTRIES

It prints the organisation's vkey, and the checkpoints that anchors took or did not take.
"""

import json
import sys
from typing import Any


def main(project: str, entries: str) -> dict[str, Any]:
    """Append so many entries to the project's record, sign everything, anchor what is due."""
    import django

    django.setup()
    from accounts.models import Project
    from ledger import anchors, checkpoints
    from ledger.history import stream_origin
    from tests.faults.appending import append

    for number in range(int(entries)):
        append(Project.objects.get(pk=project), "anchored", number)
    checkpoints.sign_everything()
    outcomes = anchors.publish_everything()
    return {
        "vkey": checkpoints.vkey(stream_origin(None)),
        "outcomes": [
            {
                "kind": outcome.kind,
                "origin": outcome.head.origin,
                "size": outcome.head.size,
                "root": outcome.head.root.hex(),
                "is_taken": outcome.token is not None,
            }
            for outcome in outcomes
        ],
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(*sys.argv[1:])))
