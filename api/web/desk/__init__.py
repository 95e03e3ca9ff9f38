"""What waits for whom: the start page and the inbox."""
