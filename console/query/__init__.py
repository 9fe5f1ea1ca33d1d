"""What ``xinji sql`` does: reads a query, asks it, writes its answer in a form, or talks at a prompt."""
