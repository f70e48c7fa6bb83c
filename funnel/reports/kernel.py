"""A kernel that runs several notebooks, one after another, so that what they import is imported once."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.manager import AsyncKernelManager
from jupyter_core.utils import ensure_event_loop, run_sync

from funnel.charts.show import FOR_PAGE

RESET = "get_ipython().reset(new_session=True)"
SECONDS = 30


class OneClient(AsyncKernelClient):
    """A client that may be started again by each notebook: its channels open once."""

    def start_channels(self, **given: Any) -> None:  # type: ignore[override]
        """Open the channels unless they are open."""
        if not self.channels_running:
            super().start_channels(**given)


class Kept(AsyncKernelManager):
    """A kernel whose clients are all the same one: each notebook asks for a client and leaves it open."""

    one_client: OneClient | None = None

    async def start_kernel(self, **given: Any) -> None:  # type: ignore[override]
        """Start the kernel; what it shows is for a page, which needs no second form of it."""
        await self._async_start_kernel(**{"env": {**os.environ, FOR_PAGE: "yes"}, **given})

    def client(self, **given: Any) -> OneClient:  # type: ignore[override]
        """Return the one client of this kernel, made when it is first asked for."""
        if self.one_client is None:
            self.one_client = cast(OneClient, super().client(**given))
        return self.one_client


@contextmanager
def kernel() -> Iterator[Kept]:
    """Yield a kernel that starts with its first notebook; stop it, and close this thread's event loop."""
    kept = Kept(kernel_name="python3", client_class=f"{__name__}.{OneClient.__name__}")
    try:
        yield kept
    finally:
        if kept.one_client is not None:
            kept.one_client.stop_channels()
        if kept.has_kernel:
            run_sync(kept.shutdown_kernel)(now=True)
        run_sync(kept.cleanup_resources)()
        ensure_event_loop().close()


def forget(kept: Kept) -> None:
    """Drop every name that the notebook before has set, and count cells from 1 again."""
    if kept.one_client is not None and kept.has_kernel:
        run_sync(kept.one_client.execute_interactive)(RESET, silent=True, timeout=SECONDS)
