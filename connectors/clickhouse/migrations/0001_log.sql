-- The log as ClickHouse holds it, and two indexes of it, which whoever lands an event writes before it.

CREATE TABLE IF NOT EXISTS {database}.act_log {on_cluster}
(
    `topic_partition` Int32 COMMENT 'acts 主题的分区 / partition of the topic acts',
    `topic_offset` Int64 COMMENT '分区内的位移 / offset in the partition',
    `recorded_at` DateTime64(3, 'UTC') COMMENT '入库时间（UTC，毫秒） / when it was admitted (UTC, milliseconds)',
    `event_id` String COMMENT '事件标识 / id of the event',
    `event` LowCardinality(String) COMMENT '事件名称 / name of the event',
    `kind` LowCardinality(String) COMMENT '行政行为类别，后续事件为空 / kind of act that it makes, empty for a follow-up',
    `act_id` String COMMENT '行政行为标识 / the act',
    `subject_id` String COMMENT '信用主体标识 / the subject',
    `subject_name` String COMMENT '信用主体名称 / name of the subject as stated',
    `subject_kind` LowCardinality(String) COMMENT '信用主体类别 / kind of subject',
    `authority_id` String COMMENT '决定机关标识 / who decided',
    `authority_name` String COMMENT '决定机关名称 / name of the authority',
    `source_id` LowCardinality(String) COMMENT '信息提供单位标识 / who pushed it',
    `source_name` LowCardinality(String) COMMENT '信息提供单位名称 / name of the source',
    `source_event_id` String COMMENT '信息提供单位的陈述编号，无则为空 / the source''s own id of the statement, empty if none',
    `occurred_on` Date32 COMMENT '决定或发生日期（上海） / date of decision or occurrence (Asia/Shanghai)',
    `imported` Bool COMMENT '是否历史数据导入 / history loaded when the source joined',
    `content_digest` String COMMENT '内容摘要（SHA-256，十六进制） / digest of the statement (SHA-256, hex)',
    `value_sha256` String COMMENT '原始字节的 SHA-256（十六进制） / SHA-256 of the raw value (hex)',
    `fingerprint` LowCardinality(String) COMMENT '模式指纹 / fingerprint of its schema',
    `mentions` Array(String) COMMENT '提及的主体标识 / subject ids that it mentions',
    `content` String COMMENT '事件内容（JSON） / the decoded event (JSON)' CODEC(ZSTD(1)),
    `headers` String COMMENT 'Kafka 消息头：个数（2 字节）、各名值长度（各 4 字节）、名与值 / Kafka headers: number (2 bytes), lengths of names and values (4 bytes each), names and values' CODEC(ZSTD(1)),
    `value` String COMMENT '原始字节 / the raw bytes as submitted' CODEC(ZSTD(1)),
    INDEX by_event_id event_id TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX by_act_id act_id TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = {replicated}ReplacingMergeTree
ORDER BY (subject_id, topic_partition, topic_offset)
SETTINGS index_granularity = 2048
COMMENT '已入库的全部事件，含原始字节 / every admitted event, with its raw bytes';

CREATE TABLE IF NOT EXISTS {database}.act_mentions {on_cluster}
(
    `mentioned_id` String COMMENT '被提及的主体标识 / subject id that is mentioned',
    `subject_id` String COMMENT '行为所属的主体标识 / subject of the act',
    `act_id` String COMMENT '提及它的行政行为 / the act whose statements name it'
)
ENGINE = {replicated}ReplacingMergeTree
ORDER BY (mentioned_id, subject_id, act_id)
COMMENT '按被提及主体查行政行为的索引 / index of acts by the other ids that their statements name';

CREATE TABLE IF NOT EXISTS {database}.source_statements {on_cluster}
(
    `source_id` String COMMENT '信息提供单位标识 / who pushed it',
    `source_event_id` String COMMENT '信息提供单位的陈述编号 / the source''s own id of the statement',
    `subject_id` String COMMENT '信用主体标识 / the subject',
    `act_id` String COMMENT '行政行为标识 / the act',
    `event` LowCardinality(String) COMMENT '事件名称 / name of the event',
    `event_id` String COMMENT '事件标识 / id of the event',
    `content_digest` String COMMENT '内容摘要（SHA-256，十六进制） / digest of the statement (SHA-256, hex)',
    `topic_partition` Int32 COMMENT 'acts 主题的分区 / partition of the topic acts',
    `topic_offset` Int64 COMMENT '分区内的位移 / offset in the partition',
    `recorded_at` DateTime64(3, 'UTC') COMMENT '入库时间（UTC，毫秒） / when it was admitted (UTC, milliseconds)',
    `value_sha256` String COMMENT '原始字节的 SHA-256（十六进制） / SHA-256 of the raw value (hex)'
)
ENGINE = {replicated}ReplacingMergeTree
ORDER BY (source_id, source_event_id, topic_partition, topic_offset)
COMMENT '按信息提供单位陈述编号查事件的索引 / index of the log by the source''s own id';
