-- 已入库的事件，每个一行 / admitted events, each once
-- Each event once, at its lowest offset. The order is the table's own, so that nothing is sorted; LIMIT BY names
-- subject_id so that a filter on it reaches the primary key.
-- columns: event_id, act_id, event, kind, subject_id, subject_name, authority_id, source_id, occurred_on, recorded_at,
--   topic_partition, topic_offset, content, subject_kind, authority_name, source_name, source_event_id, imported,
--   value_sha256, fingerprint
SELECT
    event_id, act_id, event, kind, subject_id, subject_name, authority_id, source_id, occurred_on, recorded_at,
    topic_partition, topic_offset, content, subject_kind, authority_name, source_name, source_event_id, imported,
    value_sha256, fingerprint
FROM {log}.act_log
WHERE occurred_on <= {day}
ORDER BY subject_id, topic_partition, topic_offset
LIMIT 1 BY subject_id, event_id
