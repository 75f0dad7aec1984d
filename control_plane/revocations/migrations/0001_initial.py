from django.db import migrations, models

import control_plane.ids


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="OutboxEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("record", models.TextField()),
            ],
            options={
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="Revocation",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=control_plane.ids.make_uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "scope",
                    models.CharField(
                        choices=[
                            ("session", "Session"),
                            ("viewer", "Viewer"),
                            ("video", "Video"),
                            ("asset", "Asset"),
                            ("key", "Key"),
                        ],
                        max_length=16,
                    ),
                ),
                ("issuer", models.CharField(blank=True, max_length=128)),
                ("subject", models.CharField(max_length=128)),
                ("issued_before", models.BigIntegerField(blank=True, null=True)),
                ("revoked_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField(db_index=True)),
            ],
            options={
                "ordering": ["-revoked_at"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("scope", "issuer", "subject"), name="revocations_one_of_each"
                    )
                ],
            },
        ),
    ]
