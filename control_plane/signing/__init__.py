"""The keys that sign playback tokens: kept encrypted, rotated, published as a JWK Set."""
