"""The one error a person at the terminal sees: what is wrong, and what to do about it."""


class StartFailed(Exception):
    """The system cannot start, or cannot go on."""

    def __init__(self, fault: str, *, remedy: str = "") -> None:
        super().__init__(fault)
        self.fault = fault
        self.remedy = remedy
