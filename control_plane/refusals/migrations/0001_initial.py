from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Refusal",
            fields=[
                ("decision_id", models.CharField(max_length=16, primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                (
                    "code",
                    models.CharField(
                        choices=[
                            ("token_missing", "Token Missing"),
                            ("token_invalid", "Token Invalid"),
                            ("token_expired", "Token Expired"),
                            ("start_window_closed", "Start Window Closed"),
                            ("revoked", "Revoked"),
                            ("not_in_scope", "Not In Scope"),
                            ("stream_limit", "Stream Limit"),
                            ("origin_refused", "Origin Refused"),
                            ("address_refused", "Address Refused"),
                            ("keys_unavailable", "Keys Unavailable"),
                        ],
                        max_length=32,
                    ),
                ),
                ("cause", models.CharField(max_length=512)),
                ("rules", models.JSONField(default=list)),
                ("weight", models.PositiveBigIntegerField(default=1)),
                ("method", models.CharField(max_length=512)),
                ("issuer", models.CharField(blank=True, max_length=512)),
                ("subject", models.CharField(blank=True, max_length=512)),
                ("session_id", models.CharField(blank=True, max_length=512)),
                ("video_id", models.CharField(blank=True, max_length=512)),
                ("asset_id", models.CharField(blank=True, max_length=512)),
                ("name", models.CharField(blank=True, max_length=512)),
                ("kind", models.CharField(blank=True, max_length=512)),
                ("origin", models.CharField(blank=True, max_length=512)),
                ("peer", models.CharField(blank=True, max_length=512)),
                ("kept_at", models.DateTimeField(auto_now_add=True, db_index=True)),
            ],
            options={
                "ordering": ["-at"],
                "indexes": [
                    models.Index(fields=["-at"], name="refusals_newest"),
                    models.Index(fields=["code", "-at"], name="refusals_newest_of_code"),
                    models.Index(fields=["video_id", "-at"], name="refusals_newest_of_video"),
                    models.Index(fields=["subject", "-at"], name="refusals_newest_of_subject"),
                ],
            },
        ),
    ]
