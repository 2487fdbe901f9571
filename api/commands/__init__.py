"""Families of commands of ``python -m api``, one file each."""
