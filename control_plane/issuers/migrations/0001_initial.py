import django.contrib.postgres.fields
import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("catalogue", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Issuer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "issuer",
                    models.CharField(
                        help_text="What its tokens say, to the letter; usually its address.",
                        max_length=128,
                        unique=True,
                        verbose_name="iss",
                    ),
                ),
                (
                    "jwks",
                    models.JSONField(
                        help_text="Its public keys, Ed25519 or P-256, each with kid, alg and use.",
                        verbose_name="JWK Set",
                    ),
                ),
                (
                    "max_life_s",
                    models.PositiveIntegerField(
                        default=14400,
                        help_text="In seconds. A token that lives longer is refused.",
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(86400),
                        ],
                        verbose_name="longest life",
                    ),
                ),
                (
                    "max_height",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="720 for 720p, whatever a token says.",
                        null=True,
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="highest rung",
                    ),
                ),
                (
                    "max_streams",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="At once, whatever a token says.",
                        null=True,
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="streams of one viewer",
                    ),
                ),
                (
                    "origins",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=256),
                        blank=True,
                        default=list,
                        help_text="Pages that may play: https://site.example, separated by commas.",
                        size=None,
                    ),
                ),
                ("enabled", models.BooleanField(default=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "videos",
                    models.ManyToManyField(
                        blank=True,
                        help_text="All that its tokens may open, as far as it is published.",
                        related_name="+",
                        to="catalogue.video",
                    ),
                ),
            ],
            options={
                "ordering": ["issuer"],
            },
        ),
    ]
