"""A show as a page and a panel, and its fields to fill in."""
