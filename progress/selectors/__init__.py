"""What the pages of progress read: results of areas, in a fixed number of queries."""
