"""What gridmap remembers: PostgreSQL with PostGIS, and the only SQL of the project."""
