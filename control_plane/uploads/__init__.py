"""A source arriving: multipart for small files, tus for all."""
