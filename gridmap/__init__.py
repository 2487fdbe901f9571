"""gridmap: whose place is it, who leads, who has to come."""

__version__ = "0.1.0"
