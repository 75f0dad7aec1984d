"""What is wrong with a document, in one line for the log."""

from typing import Final

from pydantic import ValidationError

_MOST_FAULTS: Final = 5


def describe_faults(error: ValidationError) -> str:
    """Where and what, the first few; without the values, which may be secret or endless."""
    faults = error.errors(include_url=False, include_input=False, include_context=False)
    named = [f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in faults]
    more = [f"and {len(named) - _MOST_FAULTS} more"] if len(named) > _MOST_FAULTS else []
    return "; ".join(named[:_MOST_FAULTS] + more)
