"""How long to wait before what died is started again. Pure."""

from typing import Final

FIRST_PAUSE_S: Final = 0.25
LONGEST_PAUSE_S: Final = 30.0
FORGIVEN_AFTER_S: Final = 60.0


class Backoff:
    """Pauses that double with every early death, and are forgotten after a life of a minute."""

    def __init__(self) -> None:
        self._early_deaths = 0

    def choose_pause(self, *, lived_s: float, chance: float) -> float:
        """The pause after a death, in seconds. `chance`, from 0 to 1, takes up to half of it away,
        so that those who died together do not all come back together."""
        if lived_s >= FORGIVEN_AFTER_S:
            self._early_deaths = 0
        pause: float = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** min(self._early_deaths, 10))
        self._early_deaths += 1
        return pause * (1 - chance / 2)
