"""The log as analysts see it: admitted events, each once."""
