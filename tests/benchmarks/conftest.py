"""What the benchmarks show is kept in docs/performance.md."""

from tests.proofs.conftest import show

__all__ = ["show"]
