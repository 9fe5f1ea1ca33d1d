CREATE OR REPLACE VIEW {database}.rejections {on_cluster}
(
    `reason` LowCardinality(String) COMMENT '退回原因代码 / code of the reason for rejection',
    `field` String COMMENT '有问题的字段 / the field at fault',
    `message` String COMMENT '说明与处理办法 / what is wrong and what to do',
    `source_id` LowCardinality(String) COMMENT '信息提供单位标识 / who pushed it',
    `received_at` DateTime64(3, 'UTC') COMMENT '收到时间（UTC） / when the submission was received (UTC)',
    `topic_partition` Int32 COMMENT '提交消息的分区 / partition of the submission message',
    `topic_offset` Int64 COMMENT '提交消息的位移 / offset of the submission message',
    `topic` LowCardinality(String) COMMENT '提交主题 / topic of the submission message',
    `batch_id` String COMMENT '提交批次标识 / the submission batch',
    `index` UInt32 COMMENT '批内序号，从 0 起 / place in the batch, from 0',
    `event` LowCardinality(String) COMMENT '事件名称，不能解码则为空 / name of the event, empty when undecodable',
    `act_id` String COMMENT '行政行为标识 / the act',
    `subject_id` String COMMENT '信用主体标识 / the subject',
    `origin` String COMMENT '来源位置（文件、行） / where it came from (file, row)'
)
AS
SELECT
    reason, field, message, source_id, received_at, topic_partition, topic_offset, topic, batch_id, index, event,
    act_id, subject_id, origin
FROM {database}.rejection_log FINAL
COMMENT '退回的提交 / rejected submissions'
