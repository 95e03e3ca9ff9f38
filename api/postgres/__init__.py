"""PostgreSQL as Callboard runs it itself, and finding the one to use."""
