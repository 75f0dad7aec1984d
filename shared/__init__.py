"""What services agree on: tokens, keys, paths, playlists, job messages, events.

Pure, but for `shared.runtime`, the only shared code with I/O.
"""
