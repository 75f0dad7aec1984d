"""From a token to its verified claims, once per token: what costs a signature is remembered.

Only the signature's verdict is kept, never a decision. Both memories belong to one key set and
are dropped with it.
"""

from typing import Final, TypeVar

from edge.gate import Refused
from edge.keys import Keys
from shared.events.refusals import RefusalCode
from shared.tokens import Claims, KeyUnknown, TokenInvalid, verify_token

_MAX_GOOD: Final = 20_000
_MAX_BAD: Final = 2_000

Value = TypeVar("Value")


class Verifier:
    """Verified claims by token, and the tokens that are known to be bad."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys
        self._version = keys.version
        self._good: dict[str, Claims] = {}
        self._bad: dict[str, str] = {}

    def recall(self, token: str) -> Claims | None:
        """The claims of a token that was found genuine before."""
        if self._version != self._keys.version:
            self._version = self._keys.version
            self._good.clear()
            self._bad.clear()
        return self._good.get(token)

    async def verify(self, token: str) -> Claims:
        """The claims of a genuine token; raises `Refused`.

        An unknown key may be a new one: then the key set is refreshed, if it is time, and the
        token is judged again.
        """
        try:
            return self._judge(token)
        except KeyUnknown:
            await self._keys.refresh_if_due()
        try:
            return self._judge(token)
        except KeyUnknown as error:
            raise self._refuse_unknown(error) from error

    def _judge(self, token: str) -> Claims:
        """Raises `Refused`, and `KeyUnknown`, which is not remembered."""
        claims = self.recall(token)
        if claims is not None:
            return claims
        if token in self._bad:
            raise Refused(RefusalCode.TOKEN_INVALID, self._bad[token])
        try:
            claims = verify_token(token, self._keys.current)
        except KeyUnknown:
            raise
        except TokenInvalid as error:
            _remember(self._bad, token, str(error), bound=_MAX_BAD)
            raise Refused(RefusalCode.TOKEN_INVALID, str(error)) from error
        _remember(self._good, token, claims, bound=_MAX_GOOD)
        return claims

    def _refuse_unknown(self, error: KeyUnknown) -> Refused:
        if not self._keys.current:
            return Refused(RefusalCode.KEYS_UNAVAILABLE, "No key has ever been seen here.")
        return Refused(RefusalCode.TOKEN_INVALID, str(error))


def _remember(memory: dict[str, Value], token: str, value: Value, *, bound: int) -> None:
    """Dictionaries keep their order, so the first is the oldest."""
    if len(memory) >= bound:
        del memory[next(iter(memory))]
    memory[token] = value
