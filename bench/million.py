"""At a million entries: what they take on disk, how long a proof and a checkpoint take."""

import random
import time
from statistics import median
from typing import Any

from django.db import connection, transaction

from bench import arms, bodies
from bench.figures import percentile
from ledger import checkpoints, proofs, tiles
from ledger.models import Entry, Stream

BATCH = 1000
PROOFS = 400
CHECKPOINTS = 12
_SIZE = (
    "SELECT coalesce(sum(pg_total_relation_size(name::regclass)), 0) FROM unnest(%s) AS name"
)
_OURS = ["ledger.body", "ledger.entry", "ledger.pending", "ledger.tile"]


def fill(size: int) -> dict[str, Any]:
    """Append until the benchmark's stream has this many entries; return how long that took."""
    stream, began, made = arms.stream(), time.perf_counter(), 0
    ready = [bodies.body() for _ in range(BATCH)]
    while (missing := size - count()) > 0:
        for _ in range(0, min(missing, 50 * BATCH), BATCH):
            salts = [bodies.salt() for _ in range(BATCH)]
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(
                    "SELECT ledger.append_many(%s, %s::bytea[], %s::bytea[])",
                    [stream, salts, ready],
                )
            made += BATCH
    return {"entries": made, "seconds": round(time.perf_counter() - began, 1)}


def count() -> int:
    """Return the size of the benchmark's stream."""
    newest = Entry.objects.filter(stream_id=arms.stream()).order_by("-seq").first()
    return newest.seq + 1 if newest else 0


def storage() -> dict[str, Any]:
    """Return bytes for each entry, tiles and indexes included, and for each plain row."""
    with connection.cursor() as cursor:
        cursor.execute(_SIZE, [_OURS])
        (ours,) = cursor.fetchone()
        cursor.execute(_SIZE, [["ledger.tile"]])
        (tiled,) = cursor.fetchone()
        cursor.execute(_SIZE, [["bench_plain"]])
        (plain,) = cursor.fetchone()
        cursor.execute("SELECT count(*) FROM bench_plain")
        (rows,) = cursor.fetchone()
    entries = Entry.objects.count()
    return {
        "entry_bytes": round(float(ours) / entries, 1),
        "tile_bytes": round(float(tiled) / entries, 1),
        "plain_bytes": round(float(plain) / rows, 1),
        "ratio": round(float(ours) / entries / (float(plain) / rows), 3),
    }


def inclusion() -> dict[str, Any]:
    """Time proofs of random entries against the newest size; each is verified too."""
    stream, size = Stream.objects.get(pk=arms.stream()), count()
    began = time.perf_counter()
    root = tiles.extend(stream, size)
    extended = time.perf_counter() - began
    seconds, longest = [], 0
    for seq in random.sample(range(size), PROOFS):
        began = time.perf_counter()
        path = tiles.inclusion_proof(stream, seq, size)
        seconds.append(time.perf_counter() - began)
        leaf = bytes(Entry.objects.get(stream=stream, seq=seq).hash)
        if not proofs.verify_inclusion(seq, size, leaf, path, root):
            raise RuntimeError(f"The proof of entry {seq} does not verify.")
        longest = max(longest, sum(map(len, path)))
    return {
        "size": size,
        "tiles_seconds": round(extended, 2),
        "p50_ms": round(median(seconds) * 1000, 3),
        "p99_ms": round(percentile(seconds, 99) * 1000, 3),
        "bytes": longest,
    }


def signing() -> dict[str, Any]:
    """Time a signed checkpoint after each 1,000 entries more, its record and row included."""
    origin = Stream.objects.get(pk=arms.stream()).origin
    checkpoints.sign(origin)
    seconds = []
    for _ in range(CHECKPOINTS):
        fill(count() + BATCH)
        began = time.perf_counter()
        checkpoints.sign(origin)
        seconds.append(time.perf_counter() - began)
    return {"rounds": CHECKPOINTS, "p50_ms": round(median(seconds) * 1000, 2)}
