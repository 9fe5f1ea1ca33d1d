-- What stands on the log and is no event of the gate: its offset stays taken, its bytes are sealed.

CREATE TABLE IF NOT EXISTS {database}.stray_records {on_cluster}
(
    `topic_partition` Int32 COMMENT 'acts 主题的分区 / partition of the topic acts',
    `topic_offset` Int64 COMMENT '分区内的位移 / offset in the partition',
    `found_at` DateTime64(3, 'UTC') COMMENT '发现时间（UTC） / when it was found (UTC)',
    `detail` String COMMENT '为何不是闸口所写 / why the gate did not write it',
    `value_sha256` String COMMENT '原始字节的 SHA-256（十六进制），该处无记录则为空 / SHA-256 of the raw value (hex), empty where no record stands there',
    `size` UInt64 COMMENT '原始字节数 / bytes of the raw value',
    `bytes` String COMMENT '键、消息头与原文（JSON，以运营方密钥加密），无密钥则为空 / key, headers and value (JSON, encrypted with the operator''s key), empty without a key' CODEC(ZSTD(1)),
    `acknowledged` Bool COMMENT '运维人员已知悉 / an operator has taken note'
)
ENGINE = {replicated}ReplacingMergeTree(acknowledged)
ORDER BY (topic_partition, topic_offset)
COMMENT '日志中并非由闸口写入的记录 / records of the log that the gate did not write';
