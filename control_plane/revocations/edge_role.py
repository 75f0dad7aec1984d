"""The PostgreSQL role of edges: it reads one view, and nothing else of the database.

Roles belong to the whole cluster, grants to a database. All of it may be done again at any time,
as has to be after a dump was restored on another server.
"""

from typing import Final

from django.db import connection, transaction

from shared.events.revocations import EDGE_ROLE, REVOCATION_VIEW

MIN_PASSWORD_LENGTH: Final = 16

# What every role of a cluster may do by default, this one shall not: make temporary tables, large
# objects and, up to PostgreSQL 14, tables. Only owners can take that away, for large objects only
# a superuser; whoever is neither gets a warning.
PREPARE_ROLE: Final = f"""
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = '{EDGE_ROLE}') THEN
        CREATE ROLE {EDGE_ROLE} NOLOGIN;
        ALTER ROLE {EDGE_ROLE} SET default_transaction_read_only = on;
        ALTER ROLE {EDGE_ROLE} SET statement_timeout = '5s';
        ALTER ROLE {EDGE_ROLE} SET lock_timeout = '1s';
        ALTER ROLE {EDGE_ROLE} SET idle_in_transaction_session_timeout = '10s';
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
    NULL; -- another database of this cluster made it meanwhile
END
$$;
DO $$
BEGIN
    EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO {EDGE_ROLE}', current_database());
END
$$;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION
    pg_catalog.lo_creat(integer), pg_catalog.lo_create(oid), pg_catalog.lo_from_bytea(oid, bytea)
FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO {EDGE_ROLE};
GRANT SELECT ON {REVOCATION_VIEW} TO {EDGE_ROLE};
"""  # noqa: S608  (two constants)


class PasswordWeak(ValueError):
    """A password that a role reachable over a network may not have."""


@transaction.atomic
def allow_login(password: str) -> None:
    """Let edges log in with this password, in place of any before; raise `PasswordWeak`.

    The server is sent what it stores and no password, since it may log statements.
    """
    if len(password) < MIN_PASSWORD_LENGTH or not password.isprintable():
        raise PasswordWeak(f"at least {MIN_PASSWORD_LENGTH} printable characters")
    with connection.cursor() as cursor:
        cursor.execute(PREPARE_ROLE)
        verifier = cursor.connection.pgconn.encrypt_password(
            password.encode(), EDGE_ROLE.encode(), b"scram-sha-256"
        )
        cursor.execute(f"ALTER ROLE {EDGE_ROLE} LOGIN PASSWORD %s", [verifier.decode()])
