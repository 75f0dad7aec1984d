"""Sessions put into the database.

By a statement that is composed once: `save` composes it anew for each session, which costs half as
much again as asking it.
"""

from typing import Final

from django.db import connection
from psycopg.sql import SQL, Identifier, Placeholder

from control_plane.playback.models import PlaybackSession

_FIELDS: Final = PlaybackSession._meta.concrete_fields
_INSERT: Final = (
    SQL("INSERT INTO {table} ({columns}) VALUES ({values})")
    .format(
        table=Identifier(PlaybackSession._meta.db_table),
        columns=SQL(", ").join([Identifier(field.attname) for field in _FIELDS]),
        values=SQL(", ").join([Placeholder()] * len(_FIELDS)),
    )
    .as_string()
)


def keep_session(session: PlaybackSession) -> None:
    """Keep a session that is new."""
    values = [
        field.get_db_prep_save(getattr(session, field.attname), connection) for field in _FIELDS
    ]
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, values)
