from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("transcodes", "0003_joined"),
    ]

    operations = [
        migrations.AlterField(
            model_name="transcodechunk",
            name="failure_reason",
            field=models.CharField(
                blank=True,
                choices=[
                    ("unsupported", "unsupported"),
                    ("truncated", "truncated"),
                    ("corrupt", "corrupt"),
                    ("joined", "joined"),
                    ("protected", "protected"),
                    ("no_media", "no_media"),
                    ("too_large", "too_large"),
                    ("too_long", "too_long"),
                    ("timed_out", "timed_out"),
                    ("out_of_memory", "out_of_memory"),
                    ("disk_full", "disk_full"),
                    ("internal", "internal"),
                ],
                max_length=16,
            ),
        ),
        migrations.AlterField(
            model_name="transcodejob",
            name="failure_reason",
            field=models.CharField(
                blank=True,
                choices=[
                    ("unsupported", "unsupported"),
                    ("truncated", "truncated"),
                    ("corrupt", "corrupt"),
                    ("joined", "joined"),
                    ("protected", "protected"),
                    ("no_media", "no_media"),
                    ("too_large", "too_large"),
                    ("too_long", "too_long"),
                    ("timed_out", "timed_out"),
                    ("out_of_memory", "out_of_memory"),
                    ("disk_full", "disk_full"),
                    ("internal", "internal"),
                ],
                max_length=16,
            ),
        ),
    ]
