"""From topics to indices: in bulk, each document once however often it is read, nothing lost."""
