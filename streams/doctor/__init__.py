"""The doctor: what is wrong with a log and its tables (judge, of plain data), and what of it can be mended."""
