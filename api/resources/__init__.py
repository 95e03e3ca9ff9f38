"""What the paths under /api/v1 and /health answer, one module a subject."""
