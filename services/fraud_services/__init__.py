"""Small programs on a detector's topics, and what they share: indices, and the indexer that fills them."""
