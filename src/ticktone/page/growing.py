"""Something that grows until it ends, and who waits for that."""

import asyncio
from collections.abc import AsyncIterator

_HEARTBEAT = 15.0  # seconds of silence after which a listener is told that all is well


class Growing:
    """Something that grows until it ends.

    Attributes
    ----------
    samples : int
        Of each part that can be read, in each channel.
    is_whole : bool
        Whether these are all.
    has_ended : bool
        Whether nothing more will come of it.
    """

    def __init__(self) -> None:
        self.samples = 0
        self.is_whole = False
        self.has_ended = False
        self._news = asyncio.Event()

    def tell(self) -> None:
        """Tell everybody who waits that something has changed."""
        self._news.set()
        self._news = asyncio.Event()

    async def changes(self) -> AsyncIterator[bool]:
        """Yield True at once and after every change until it ends; False where none comes."""
        news = None
        while True:
            is_news = news is None or news.is_set()
            if is_news:
                news = self._news
            yield is_news
            if self.has_ended:
                return
            assert news is not None
            try:
                async with asyncio.timeout(_HEARTBEAT):
                    await news.wait()
            except TimeoutError:
                pass
