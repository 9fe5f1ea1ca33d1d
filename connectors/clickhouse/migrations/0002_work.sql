-- How far the workers are, and what became of submissions.

CREATE TABLE IF NOT EXISTS {database}.progress {on_cluster}
(
    `stage` LowCardinality(String) COMMENT '环节：landed 已落库，projected 已投影 / stage: landed or projected',
    `generation` UInt32 COMMENT '投影代次，落库为 0 / generation of the projections, 0 for landed',
    `topic_partition` Int32 COMMENT 'acts 主题的分区 / partition of the topic acts',
    `next_offset` Int64 COMMENT '下一个待处理的位移 / the next offset to work on',
    `recorded_at` DateTime64(3, 'UTC') COMMENT '最后处理的事件的入库时间（UTC） / recorded_at of the last event worked on (UTC)'
)
ENGINE = {replicated}ReplacingMergeTree(next_offset)
ORDER BY (stage, generation, topic_partition)
COMMENT '各环节处理到的位置 / how far each stage has come';

CREATE TABLE IF NOT EXISTS {database}.generations {on_cluster}
(
    `number` UInt32 COMMENT '投影代次 / number of the generation',
    `changed_at` DateTime64(3, 'UTC') COMMENT '状态变更时间（UTC） / when its state changed (UTC)',
    `state` LowCardinality(String) COMMENT '状态：building 在建，closing 待切换，live 在用，former 曾用，dropped 已删 / state: building, closing, live, former, dropped',
    `digest` String COMMENT '政策、日历与代码的摘要 / digest of policy, calendar and code together',
    `code_digest` String COMMENT '推算与表结构代码的摘要 / digest of the code of folds and tables',
    `policy` String COMMENT '政策表原文（JSON） / the policy tables as written (JSON)' CODEC(ZSTD(1)),
    `calendar` String COMMENT '工作日历（JSON） / the working-day calendar (JSON)' CODEC(ZSTD(1)),
    `marks` String COMMENT '切换时前一代到达的位置（JSON，分区→位移） / how far its predecessor was when it was switched to (JSON, partition to offset)',
    `lease_until` Nullable(DateTime64(3, 'UTC')) COMMENT '其他进程等待切换的时限（UTC） / until when others wait for the switch (UTC)'
)
ENGINE = {replicated}ReplacingMergeTree(changed_at)
ORDER BY number
COMMENT '投影的代次：政策、日历、代码 / generations of the projections: policy, calendar, code';

CREATE TABLE IF NOT EXISTS {database}.receipts {on_cluster}
(
    `source_id` LowCardinality(String) COMMENT '提交的信息提供单位，未登记的前缀 unregistered: / who sent it; unregistered: and a name where not registered',
    `batch_id` String COMMENT '提交批次标识 / the submission batch',
    `index` UInt32 COMMENT '批内序号，从 0 起 / place in the batch, from 0',
    `outcome` LowCardinality(String) COMMENT '结果：admitted 入库，duplicate 重复，rejected 退回 / admitted, duplicate or rejected',
    `event_id` String COMMENT '事件标识，退回为空 / id of the event, empty when rejected',
    `topic` String COMMENT '事件所在主题 / topic of the event',
    `topic_partition` Nullable(Int32) COMMENT '事件所在分区 / partition of the event',
    `topic_offset` Nullable(Int64) COMMENT '事件位移 / offset of the event',
    `recorded_at` Nullable(DateTime64(3, 'UTC')) COMMENT '入库时间（UTC） / when it was admitted (UTC)',
    `value_sha256` String COMMENT '原始字节的 SHA-256（十六进制） / SHA-256 of the raw value (hex)',
    `reason` LowCardinality(String) COMMENT '退回原因代码 / code of the reason for rejection',
    `field` String COMMENT '有问题的字段 / the field at fault',
    `message` String COMMENT '说明与处理办法 / what is wrong and what to do',
    `received_at` DateTime64(3, 'UTC') COMMENT '收到时间（UTC） / when the submission was received (UTC)'
)
ENGINE = {replicated}ReplacingMergeTree
ORDER BY (source_id, batch_id, index)
COMMENT '每条提交的回执 / one receipt per submitted statement';

CREATE TABLE IF NOT EXISTS {database}.rejection_log {on_cluster}
(
    `batch_id` String COMMENT '提交批次标识 / the submission batch',
    `index` UInt32 COMMENT '批内序号，从 0 起 / place in the batch, from 0',
    `reason` LowCardinality(String) COMMENT '退回原因代码 / code of the reason for rejection',
    `field` String COMMENT '有问题的字段 / the field at fault',
    `message` String COMMENT '说明与处理办法 / what is wrong and what to do',
    `source_id` LowCardinality(String) COMMENT '信息提供单位标识 / who pushed it',
    `event` LowCardinality(String) COMMENT '事件名称，不能解码则为空 / name of the event, empty when undecodable',
    `act_id` String COMMENT '行政行为标识 / the act',
    `subject_id` String COMMENT '信用主体标识 / the subject',
    `origin` String COMMENT '来源位置（文件、行） / where it came from (file, row)',
    `received_at` DateTime64(3, 'UTC') COMMENT '收到时间（UTC） / when the submission was received (UTC)',
    `topic` LowCardinality(String) COMMENT '提交主题 / topic of the submission message',
    `topic_partition` Int32 COMMENT '提交消息的分区 / partition of the submission message',
    `topic_offset` Int64 COMMENT '提交消息的位移 / offset of the submission message',
    `bytes` String COMMENT '原文（以运营方密钥加密） / the original bytes, encrypted with the operator''s key'
)
ENGINE = {replicated}ReplacingMergeTree(received_at)
ORDER BY (topic, topic_partition, topic_offset, batch_id, index)
COMMENT '退回的提交，含加密原文 / rejected submissions with their encrypted bytes';
