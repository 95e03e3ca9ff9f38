"""The board: what is drawn in which row and lane, and how two versions differ on it."""
