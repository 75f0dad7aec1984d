"""The control plane: accounts, catalogue, entitlements, uploads, jobs, keys and tokens.

It decides; the edge delivers and the transcoder encodes. No media byte passes through it, but
for sources on their way in.
"""
