-- Rejections that were answered, and by what they are known again. Where receipts came from.

ALTER TABLE {database}.rejection_log {on_cluster} ADD COLUMN IF NOT EXISTS `source_event_id` String COMMENT '信息提供单位的陈述编号，无则为空 / the source''s own id of the statement, empty if none',
    ADD COLUMN IF NOT EXISTS `value_sha256` String COMMENT '所提交字节的 SHA-256（十六进制） / SHA-256 of the bytes as they were submitted (hex)';

ALTER TABLE {database}.receipts {on_cluster} ADD COLUMN IF NOT EXISTS `origin` String COMMENT '来源位置（文件、行） / where it came from (file, row)' CODEC(ZSTD(1));

CREATE TABLE IF NOT EXISTS {database}.rejection_closings {on_cluster}
(
    `source_id` LowCardinality(String) COMMENT '信息提供单位标识 / who pushed both',
    `batch_id` String COMMENT '被退回的提交批次 / batch of the rejected statement',
    `index` UInt32 COMMENT '被退回的批内序号 / its place in the batch',
    `event_id` String COMMENT '更正后入库的事件 / the event that answers it',
    `closed_at` DateTime64(3, 'UTC') COMMENT '更正入库的时间（UTC） / when the answer was given (UTC)'
)
ENGINE = {replicated}ReplacingMergeTree
ORDER BY (source_id, batch_id, index, event_id)
COMMENT '已更正的退回：退回记录本身不改不删 / rejections that were answered; a rejection itself is never altered or removed';
