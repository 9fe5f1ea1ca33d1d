-- A bus in memory begins its offsets again at 0 whenever it starts: what is named by a place belongs to one life of the bus.

ALTER TABLE {database}.receipts {on_cluster}
    ADD COLUMN IF NOT EXISTS `bus` String COMMENT '批次标识为“主题/分区/位移”时，总线的标识（Kafka 集群标识），否则为空 / where the batch id is topic/partition/offset: the life of the bus (on Kafka the cluster id); else empty',
    MODIFY ORDER BY (source_id, batch_id, index, bus);

ALTER TABLE {database}.rejection_log {on_cluster}
    ADD COLUMN IF NOT EXISTS `bus` String COMMENT '提交消息所在总线的标识（Kafka 集群标识） / the life of the bus that the submission message came by (on Kafka the cluster id)',
    MODIFY ORDER BY (topic, topic_partition, topic_offset, batch_id, index, bus);
