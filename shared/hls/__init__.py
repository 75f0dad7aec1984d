"""HLS playlists (RFC 8216): typed models, rendered and parsed."""
