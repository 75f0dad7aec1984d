"""Writes `tokens.json`: tokens with fixed keys, each with what becomes of it and why.

Run `python -m tests.vectors.make_tokens` after a change of the format; a changed vector is one.
"""

import json
from pathlib import Path
from typing import Final

from tests.vectors.token_claims import claim_vectors
from tests.vectors.token_material import ISSUER, OWN_JWK, PARTNER, PARTNER_JWK
from tests.vectors.token_shapes import shape_vectors
from tests.vectors.token_signatures import signature_vectors

VECTORS_FILE: Final = Path(__file__).with_name("tokens.json")


def render_vectors() -> str:
    """The whole of `tokens.json`."""
    tokens = [*signature_vectors(), *shape_vectors(), *claim_vectors()]
    jwks = {ISSUER: {"keys": [OWN_JWK]}, PARTNER: {"keys": [PARTNER_JWK]}}
    return json.dumps({"jwks": jwks, "tokens": tokens}, indent=1) + "\n"


if __name__ == "__main__":
    VECTORS_FILE.write_text(render_vectors())
