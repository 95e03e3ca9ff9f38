"""What people type into a search box, as SQL patterns."""


def contains(text: str | None) -> str | None:
    """A LIKE pattern for "has this in it", taken literally; None for no search."""
    if not text:
        return None
    escaped = text.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
    return f"%{escaped}%"
