"""The publish gate: a finished package is opened again and checked before anybody may have it.

`gate.inspect_package` is what an asset goes through; `python -m transcoder.inspect` does the same
for a folder, and as much as can be known for anybody's package on disk or behind a URL. `walk`
reads a package from its multivariant playlist on, `media` measures segments, `rules` is what is
asked.
"""
