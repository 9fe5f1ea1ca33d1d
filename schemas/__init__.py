"""The contracts: event schemas, the wire format, identifiers. Imports nothing else of the product and does no I/O but
reading its own packaged files."""
