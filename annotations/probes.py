"""What is tried on readings and datasets: are the stored bytes still what was sealed?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import ledger

SAMPLE = 50
MOST_NAMED = 3


@ledger.control(
    "signature_record_link", mode="probe", title="Each signature is bound to the stored bytes"
)
def signature_record_link() -> Iterator[ledger.Observation]:
    """Every signed record is hashed again and held against its manifest."""
    from annotations.models import Signature  # apps load before models

    wrong: list[str] = []
    count = 0
    for signature in Signature.objects.order_by("signed_at").iterator():
        manifest = ledger.parse(signature.manifest.encode())
        stored = _stored([item["record_id"] for item in manifest["items"]])
        held = all(
            stored.get((item["record_id"], item["version"])) == item["content_hash"]
            for item in manifest["items"]
        )
        digest = ledger.sha256_hex(signature.manifest.encode())
        if not held or digest != signature.manifest_hash:
            wrong.append(str(signature.pk))
        count += 1
    yield ledger.Observation(
        target=f"{count:,} signatures",
        attempted="Hash the signed records again",
        expected="the hashes that were signed",
        observed=f"other bytes under {', '.join(wrong[:MOST_NAMED])}"
        if wrong
        else f"{count:,} of {count:,} hold",
        result="fail" if wrong else "pass" if count else "no_data",
        examined=count,
    )


def _stored(records: list[str]) -> Mapping[tuple[str, int], str]:
    """Return what the bytes of these reviews and annotations hash to now."""
    from annotations.models import Review, Revision

    keys = {kind: _keys(records, kind) for kind in ("annotation", "review")}
    revisions = Revision.objects.filter(annotation_id__in=keys["annotation"])
    reviews = Review.objects.filter(pk__in=keys["review"])
    return {(r.record_id, r.number): ledger.sha256_hex(bytes(r.content)) for r in revisions} | {
        (r.ledger_ref, 1): ledger.sha256_hex(bytes(r.content)) for r in reviews
    }


def _keys(records: list[str], kind: str) -> list[str]:
    prefix = f"annotations.{kind}:"
    return [ref.removeprefix(prefix) for ref in records if ref.startswith(prefix)]


@ledger.control(
    "snapshot_rehash", mode="probe", title="Every frozen dataset is still what was frozen"
)
def snapshot_rehash() -> Iterator[ledger.Observation]:
    """Everything a snapshot names is read again and compared with its manifest."""
    from annotations import snapshot
    from annotations.models import Snapshot

    for frozen in Snapshot.objects.order_by("frozen_at"):
        found = snapshot.rehash(frozen)
        seen = f"{len(found.differing)} of {found.members} members differ"
        yield ledger.Observation(
            target=frozen.ledger_ref,
            attempted="Hash every member again",
            expected="the frozen root, no member differing",
            observed=seen if found.root_holds else f"another root; {seen}",
            result="pass" if found.holds and found.members else "fail",
            examined=found.members,
        )


@ledger.control("retrieval_sample", mode="probe", title="Old records are found and unchanged")
def retrieval_sample() -> Iterator[ledger.Observation]:
    """Sealed revisions drawn at random are retrieved and hashed again."""
    from annotations.models import Revision

    drawn = list(Revision.objects.order_by("?")[:SAMPLE])
    held = sum(ledger.sha256_hex(bytes(r.content)) == r.content_hash for r in drawn)
    yield ledger.Observation(
        target=f"{len(drawn)} revisions drawn at random",
        attempted="Retrieve and hash again",
        expected="every one as it was sealed",
        observed=f"{held} of {len(drawn)} as sealed",
        result="no_data" if not drawn else "pass" if held == len(drawn) else "fail",
        examined=len(drawn),
    )
