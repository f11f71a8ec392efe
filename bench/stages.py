"""All stages of a run, one after the other on one server."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bench import appends, bookkeeping, lag, million, saves, verification
from bench.clients import Clients, clients
from bench.server import Bench

BARE = ("plain", "append")


def measure(server: Bench, rounds: int, entries: int) -> dict[str, Any]:
    """Return the numbers of every stage; raises SystemExit when the record is not sound."""
    numbers: dict[str, Any] = {}
    say("saves")
    numbers["saves"] = saves.measure(rounds * 5)
    say("appends")
    with _balanced() as some:
        numbers["one"] = appends.interleaved(some, 1, (*BARE, "whole"), 0.5, rounds * 2)
        numbers["four"] = appends.interleaved(some, 4, BARE, 1, rounds)
        numbers["sixteen"] = appends.interleaved(some, 16, BARE, 1.5, rounds)
    numbers["bulk"] = appends.bulk(rounds * 3)
    numbers |= _at_size(entries)
    say("a bundle")
    numbers["offline"] = verification.offline(server.folder)
    numbers["lag"] = _lag(server)
    numbers |= _slow(server, rounds)
    say("the record")
    numbers["record"] = bookkeeping.verified()
    return numbers


def say(what: str) -> None:
    """Tell whoever waits what is measured now."""
    sys.stderr.write(f"{time.strftime('%H:%M:%S')} {what}\n")


@contextmanager
def _balanced() -> Iterator[Clients]:
    bookkeeping.reconnect()
    with clients() as some, bookkeeping.balanced(some):
        yield some


def _at_size(entries: int) -> dict[str, Any]:
    say(f"{entries:,} entries")
    return {
        "fill": million.fill(entries),
        "proof": million.inclusion(),
        "storage": million.storage(),
        "checkpoint": million.signing(),
        "database": verification.database(entries),
    }


def _lag(server: Bench) -> dict[str, Any]:
    say("seal lag")
    server.superuser("ALTER SYSTEM SET track_commit_timestamp = on")
    server.restart()
    with _balanced() as some:
        found = {"one": lag.measure(some, 1, 2), "sixteen": lag.measure(some, 16, 4)}
    server.superuser("ALTER SYSTEM RESET track_commit_timestamp")
    return found


def _slow(server: Bench, rounds: int) -> dict[str, Any]:
    """Do the appends again with slow commits; without a C compiler they are not measured."""
    if not server.restart_slowly():
        say("no C compiler: slow commits are not measured")
        return {}
    say("slow commits")
    with _balanced() as some:
        return {
            "slow_one": appends.interleaved(some, 1, BARE, 1, rounds // 2 + 1),
            "slow": appends.interleaved(some, 16, BARE, 2, rounds),
        }
