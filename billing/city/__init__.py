"""A made-up city on the real list of communities: packs of any size, the same for the same seed."""
