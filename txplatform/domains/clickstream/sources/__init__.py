"""What arrives: the shop's events, in a log of partitions kept by Kafka or in a folder."""
