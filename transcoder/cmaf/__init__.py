"""What an asset is made of: boxes, segments, playlists, `asset.json`."""
