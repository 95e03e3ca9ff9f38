"""/admin: every reference entity by its declaration, users, features, and the read tables."""
