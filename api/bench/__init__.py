"""`callboard bench`: the figures of docs/performance.md, beside bare SQL."""
