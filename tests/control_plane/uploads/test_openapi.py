"""Tests for control_plane/uploads/openapi.py."""

from django.test import Client


def test_operations_ahead_of_django_are_described() -> None:
    paths = Client().get("/api/v1/openapi.json").json()["paths"]
    operations = paths["/api/v1/uploads/{upload_id}"]
    assert {"head", "patch", "delete"} <= operations.keys()
    assert "application/offset+octet-stream" in operations["patch"]["requestBody"]["content"]
    assert operations["patch"]["responses"].keys() >= {"204", "409", "460", "507"}
