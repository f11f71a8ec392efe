"""Memory does not grow with the bundle: 64 MB are enough at any size."""

import subprocess
import sys
from pathlib import Path

import pytest

from ledger.verifier.build import verify_py
from tests.ledger.verifier.singles import KEY
from tests.ledger.verifier.world import Sealed, World

MEASURED = """
import runpy, sys
sys.argv = sys.argv[1:]
try:
    runpy.run_path(sys.argv[0], run_name="__main__")
except SystemExit as ended:
    used = open("/proc/self/status").read().split("VmHWM:")[1].split()[0]
    print(ended.code, int(used) // 1024, file=sys.stderr)
"""


def large(place: Path, entries: int) -> None:
    """Write a good bundle whose project has many entries, each sealing a version."""
    world = World()
    world.without_anchor()
    last = world.p1.entries[-1]
    body = world.p1.entries[10].body
    more = (Sealed(last.sealed_us + number, body) for number in range(entries))
    world.p1.entries += more
    world.p1.sizes = [6, 12 + entries]
    world.org.entries[4].sealed_us += entries
    world.org.entries[4].pay(size=12 + entries)
    place.write_bytes(world.pack())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("memory")
    (place / "verify.py").write_bytes(verify_py())
    for entries in (1_000, 20_000):
        large(place / f"{entries}.zip", entries)
    return place


@pytest.mark.parametrize("more", [[], ["--hashes-only"]])
def test_memory_does_not_grow_with_the_entries(folder: Path, more: list[str]) -> None:
    used = []
    for name in ("1000.zip", "20000.zip"):
        command = [sys.executable, "-c", MEASURED, "verify.py", name, *KEY, *more]
        ended = subprocess.run(command, cwd=folder, capture_output=True, check=True, text=True)
        code, megabytes = ended.stderr.split()
        assert code == "0", ended.stdout
        used.append(int(megabytes))
    assert max(used) <= 64, used
    assert used[1] - used[0] <= 6, used
