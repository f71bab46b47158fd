"""Progress of long work: a bar on a terminal, a line now and then elsewhere."""

import logging
import sys
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

from tqdm import tqdm

logger = logging.getLogger(__name__)

# Seconds between two lines where there is no terminal.
LOG_INTERVAL = 20

Item = TypeVar("Item")


def progress(items: Iterable[Item], total: int, label: str) -> Iterator[Item]:
    """Yield items, and show how many of them are done.

    Args:
        items: What is worked on, one after the other.
        total: Number of items when all goes well.
        label: What the progress is of.
    """
    if sys.stderr.isatty():
        yield from tqdm(items, total=total, desc=label, leave=False)
        return
    logged = time.monotonic()
    for done, item in enumerate(items, start=1):
        yield item
        if time.monotonic() - logged >= LOG_INTERVAL:
            logged = time.monotonic()
            logger.info("%s: %d of %d done", label, done, total)
