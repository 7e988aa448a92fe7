"""`./portal prove` runs seldom, and what it imports changes often."""

from __future__ import annotations

from importlib import import_module

from launcher.places import ROOT


def test_every_proof_and_benchmark_can_be_read():
    folders = [ROOT / "tests" / name for name in ("proofs", "benchmarks")]
    found = [path for folder in folders for path in folder.glob("test_*.py")]

    read = [import_module(f"tests.{path.parent.name}.{path.stem}") for path in found]

    assert len(read) == len(found) > 15
