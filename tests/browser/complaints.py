"""What the browser's console said."""

import re


def take(complaints: list[str], pattern: str) -> None:
    """Take complaints that were provoked out of the list; there must be one."""
    provoked = [complaint for complaint in complaints if re.search(pattern, complaint)]
    assert provoked
    for complaint in provoked:
        complaints.remove(complaint)
