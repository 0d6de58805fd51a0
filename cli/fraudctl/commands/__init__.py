"""The commands; each is thin: options in, work elsewhere, lines out."""
