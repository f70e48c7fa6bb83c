"""Random draws that depend on the seed and on what they are for, never on the order of the calls."""

from __future__ import annotations

from collections.abc import Iterable
from zlib import crc32

import numpy as np

from funnel.demo.clock import Floats, Ints


def stream(seed: int, purpose: str) -> np.random.Generator:
    """Return the generator of one purpose: a change in one part leaves the draws of the others alone."""
    return np.random.default_rng([seed, crc32(purpose.encode())])


def codes(rng: np.random.Generator, shares: Iterable[float], n: int) -> Ints:
    """Return `n` codes 0, 1, ... with the given shares (any positive scale)."""
    edges = np.cumsum(np.fromiter(shares, dtype=np.float64))
    return np.searchsorted(edges / edges[-1], rng.random(n), side="right").astype(np.int64)


def logistic(x: Floats) -> Floats:
    """Return the probability of a logit."""
    return 1.0 / (1.0 + np.exp(-x))
