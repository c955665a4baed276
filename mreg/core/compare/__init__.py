"""Two or more versions side by side: what differs, by how much, and whether that is better. Pure."""
