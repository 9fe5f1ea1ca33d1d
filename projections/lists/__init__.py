"""Lists: entries, from when, until when, and what is irregular about them."""
