"""A detector compiled to Flink SQL: pure text in and out; only main imports pyflink."""
