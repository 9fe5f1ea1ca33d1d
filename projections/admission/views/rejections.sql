-- 退回的提交 / rejected submissions
-- columns: reason, field, message, source_id, received_at, topic_partition, topic_offset, topic, batch_id, index, event,
--   act_id, subject_id, origin, message_zh
SELECT
    reason, field, message, source_id, received_at, topic_partition, topic_offset, topic, batch_id, index, event,
    act_id, subject_id, origin, message_zh
FROM {log}.rejection_log FINAL
