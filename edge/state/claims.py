"""Verified claims: every token's signature is checked once, and what it says is remembered.

Only the signature's verdict is kept, never a decision. Both memories belong to one version of the
keys and ceilings, and are dropped with it.
"""

from typing import Final, TypeVar

from edge.gate.decisions import Refused, Verified
from edge.state.keys import Keys
from shared.events.refusals import RefusalCode
from shared.issuers import narrow_claims
from shared.tokens import KeyUnknown, TokenInvalid, judge_token

_MAX_GOOD: Final = 20_000
_MAX_BAD: Final = 2_000

Value = TypeVar("Value")


class Verifier:
    """Verified claims by token, and the tokens that are known to be bad."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys
        self._version = keys.version
        self._good: dict[str, Verified] = {}
        self._bad: dict[str, str] = {}

    def recall(self, token: str) -> Verified | None:
        """The claims of a token that was found genuine before."""
        if self._version != self._keys.version:
            self._version = self._keys.version
            self._good.clear()
            self._bad.clear()
        return self._good.get(token)

    async def verify(self, token: str) -> Verified:
        """The claims of a genuine token; raises `Refused`.

        An unknown key may be a new one: then the key set is refreshed, if it is time, and the
        token is judged again.
        """
        try:
            return self.judge(token)
        except KeyUnknown:
            await self._keys.refresh_if_due()
        try:
            return self.judge(token)
        except KeyUnknown as error:
            raise self._refuse_unknown(error) from error

    def judge(self, token: str) -> Verified:
        """The claims of a genuine token, at once; raises `Refused`, and `KeyUnknown`, which is not
        remembered."""
        verified = self.recall(token)
        if verified is not None:
            return verified
        if token in self._bad:
            raise Refused(RefusalCode.TOKEN_INVALID, self._bad[token])
        try:
            verified = self._verify(token)
        except KeyUnknown:
            raise
        except TokenInvalid as error:
            _remember(self._bad, token, str(error), bound=_MAX_BAD)
            raise Refused(RefusalCode.TOKEN_INVALID, str(error)) from error
        _remember(self._good, token, verified, bound=_MAX_GOOD)
        return verified

    def _verify(self, token: str) -> Verified:
        """Another site's claims are narrowed to what it may say."""
        claims, key = judge_token(token, self._keys.current)
        ceiling = self._keys.ceilings.get(key.issuer)
        if ceiling is None:
            return Verified(claims, key.kid)
        return Verified(narrow_claims(claims, ceiling), key.kid, ceiling.videos)

    def _refuse_unknown(self, error: KeyUnknown) -> Refused:
        if not self._keys.current:
            return Refused(RefusalCode.KEYS_UNAVAILABLE, "No key has ever been seen here.")
        return Refused(RefusalCode.TOKEN_INVALID, str(error))


def _remember(memory: dict[str, Value], token: str, value: Value, *, bound: int) -> None:
    """Dictionaries keep their order, so the first is the oldest."""
    if len(memory) >= bound:
        del memory[next(iter(memory))]
    memory[token] = value
