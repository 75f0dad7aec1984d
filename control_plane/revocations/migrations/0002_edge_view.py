"""What edges read: a view whose columns are the fields of `Revocation`, and a role for it."""

from django.db import migrations

from control_plane.revocations.edge_role import PREPARE_ROLE

MAKE_VIEW = """
CREATE VIEW edge_revocations AS
SELECT
    id::text AS id,
    scope::text AS scope,
    subject::text AS subject,
    nullif(issuer, '')::text AS issuer,
    issued_before,
    extract(epoch FROM revoked_at)::double precision AS revoked_at,
    floor(extract(epoch FROM expires_at))::bigint AS expires_at
FROM revocations_revocation
WHERE expires_at > now()
"""


class Migration(migrations.Migration):
    dependencies = [("revocations", "0001_initial")]

    operations = [
        migrations.RunSQL(MAKE_VIEW, "DROP VIEW edge_revocations"),
        migrations.RunSQL(PREPARE_ROLE, migrations.RunSQL.noop),
    ]
