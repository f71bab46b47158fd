"""Finding a name that a person typed among those that exist."""

import difflib
from collections.abc import Iterable

from zoo.errors import InputError


def match(name: str, names: Iterable[str], what: str) -> str:
    """Return the spelling of a name that is matched without regard to case.

    Args:
        name: What the person typed.
        names: The names that exist; at least one.
        what: What they are names of, such as `model`.

    Raises:
        InputError: There is no such name; the message offers the nearest one and lists them all.
    """
    spellings = {known.lower(): known for known in names}
    typed = str(name).lower()
    if typed not in spellings:
        (nearest,) = difflib.get_close_matches(typed, spellings, n=1, cutoff=0)
        raise InputError(
            f"There is no {what} named {name!r}: did you mean {spellings[nearest]!r}? "
            f"Choose one of {', '.join(spellings.values())}."
        )
    return spellings[typed]
