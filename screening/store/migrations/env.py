"""Runs the migrations on the connection that `screening.store.schema` hands over; there is no other way in."""

import sqlmodel
from alembic import context

import screening.store.tables  # noqa: F401  # the metadata is complete once the tables are read
from screening.store.schema import compared

connection = context.config.attributes.get("connection")
if connection is None:
    message = "Migrations run by `screening init` only: it holds the transaction and renews the triggers."
    raise SystemExit(message)
context.configure(connection=connection, target_metadata=sqlmodel.SQLModel.metadata, render_as_batch=True, **compared())
context.run_migrations()
