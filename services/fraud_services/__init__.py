"""Small programs on a detector's topics, and what they share: indices, the indexer that fills them, dashboards."""
