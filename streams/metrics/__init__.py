"""What the workers tell Prometheus. A worker counts in memory, once a take or batch; what ClickHouse and Kafka know is asked when
somebody scrapes."""
