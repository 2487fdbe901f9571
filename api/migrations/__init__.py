"""The history of the schema, run by alembic (`api.store.migrate`)."""
