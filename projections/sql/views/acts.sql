-- Each event once, at its lowest offset. The order is the table's own, so that nothing is sorted; LIMIT BY names
-- subject_id so that a filter on it reaches the primary key.
CREATE OR REPLACE VIEW {database}.acts {on_cluster}
(
    `event_id` String COMMENT '事件标识 / id of the event',
    `act_id` String COMMENT '行政行为标识：类别/机关/文号 / the act: kind / authority / document number',
    `event` LowCardinality(String) COMMENT '事件名称 / name of the event',
    `kind` LowCardinality(String) COMMENT '行政行为类别，后续事件为空 / kind of act that it makes, empty for a follow-up',
    `subject_id` String COMMENT '信用主体标识 / the subject',
    `subject_name` String COMMENT '信用主体名称 / name of the subject as stated',
    `authority_id` String COMMENT '决定机关标识 / who decided',
    `source_id` LowCardinality(String) COMMENT '信息提供单位标识 / who pushed it',
    `occurred_on` Date32 COMMENT '决定或发生日期（上海） / date of decision or occurrence (Asia/Shanghai)',
    `recorded_at` DateTime64(3, 'UTC') COMMENT '入库时间（UTC，毫秒） / when it was admitted (UTC, milliseconds)',
    `topic_partition` Int32 COMMENT 'acts 主题的分区 / partition of the topic acts',
    `topic_offset` Int64 COMMENT '分区内的位移 / offset in the partition',
    `content` String COMMENT '事件内容（JSON） / the decoded event (JSON)',
    `subject_kind` LowCardinality(String) COMMENT '信用主体类别 / kind of subject',
    `authority_name` String COMMENT '决定机关名称 / name of the authority',
    `source_name` LowCardinality(String) COMMENT '信息提供单位名称 / name of the source',
    `source_event_id` String COMMENT '信息提供单位的陈述编号，无则为空 / the source''s own id of the statement, empty if none',
    `imported` Bool COMMENT '是否历史数据导入 / history loaded when the source joined',
    `value_sha256` String COMMENT '原始字节的 SHA-256（十六进制） / SHA-256 of the raw value (hex)',
    `fingerprint` LowCardinality(String) COMMENT '模式指纹 / fingerprint of its schema'
)
AS
SELECT
    event_id, act_id, event, kind, subject_id, subject_name, authority_id, source_id, occurred_on, recorded_at,
    topic_partition, topic_offset, content, subject_kind, authority_name, source_name, source_event_id, imported,
    value_sha256, fingerprint
FROM {database}.act_log
WHERE occurred_on <= {day}
ORDER BY subject_id, topic_partition, topic_offset
LIMIT 1 BY subject_id, event_id
COMMENT '已入库的事件，每个一行 / admitted events, each once'
