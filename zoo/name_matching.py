"""Finding a name that a person typed among those that exist."""

import difflib
from collections.abc import Iterable

from zoo.errors import InputError


def match(name: str, names: Iterable[str], what: str, *, any_case: bool = True) -> str:
    """Return the spelling of a name among those that exist.

    Args:
        name: What the person typed.
        names: The names that exist; at least one.
        what: What they are names of, such as `model`.
        any_case: Match without regard to case.

    Raises:
        InputError: There is no such name; the message offers the nearest one and lists them all.
    """
    fold = str.lower if any_case else str
    spellings = {fold(known): known for known in names}
    typed = fold(str(name))
    if typed not in spellings:
        (nearest,) = difflib.get_close_matches(typed, spellings, n=1, cutoff=0)
        raise InputError(
            f"There is no {what} named {name!r}: did you mean {spellings[nearest]!r}? "
            f"Choose one of {', '.join(spellings.values())}."
        )
    return spellings[typed]
