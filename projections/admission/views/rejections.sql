-- 退回的提交，及其是否已更正 / rejected submissions, and whether they were answered
-- A rejection is closed by the first admitted statement of its source after it that answers it: one that names it (which also
-- closes earlier rejections of the very same row), one about the same act, or one with the same source_event_id.
-- columns: reason, field, message, source_id, received_at, topic_partition, topic_offset, topic, batch_id, index, event,
--   act_id, subject_id, origin, message_zh, state, closed_at, closed_by
WITH
    refused AS
    (
        SELECT
            *, if(value_sha256 = '', concat(batch_id, '/', toString(index)), value_sha256) AS same
        FROM {log}.rejection_log FINAL
    ),
    answers AS
    (
        SELECT r.topic AS topic, r.topic_partition AS topic_partition, r.topic_offset AS topic_offset, r.batch_id AS batch_id,
            r.index AS index, c.closed_at AS at, c.event_id AS event_id
        FROM refused AS r
        INNER JOIN
        (
            SELECT k.source_id AS source_id, k.origin AS origin, k.same AS same, n.closed_at AS closed_at, n.event_id AS event_id
            FROM refused AS k
            INNER JOIN {log}.rejection_closings AS n
                ON k.source_id = n.source_id AND k.batch_id = n.batch_id AND k.index = n.index
        ) AS c ON r.source_id = c.source_id AND r.origin = c.origin AND r.same = c.same
        WHERE c.closed_at > r.received_at
        UNION ALL
        SELECT r.topic, r.topic_partition, r.topic_offset, r.batch_id, r.index, a.recorded_at, a.event_id
        FROM refused AS r
        INNER JOIN
        (
            SELECT source_id, subject_id, act_id, event, kind, recorded_at, event_id
            FROM {log}.act_log
            WHERE subject_id IN (SELECT subject_id FROM {log}.rejection_log WHERE subject_id != '' AND act_id != '')
                AND act_id IN (SELECT act_id FROM {log}.rejection_log WHERE subject_id != '' AND act_id != '')
        ) AS a ON r.source_id = a.source_id AND r.subject_id = a.subject_id AND r.act_id = a.act_id
        WHERE a.recorded_at > r.received_at AND (r.event = a.event OR (r.event = '' AND a.kind != ''))
        UNION ALL
        SELECT r.topic, r.topic_partition, r.topic_offset, r.batch_id, r.index, s.recorded_at, s.event_id
        FROM refused AS r
        INNER JOIN
        (
            SELECT source_id, source_event_id, recorded_at, event_id
            FROM {log}.source_statements
            WHERE source_id IN (SELECT source_id FROM {log}.rejection_log WHERE source_event_id != '')
                AND source_event_id IN (SELECT source_event_id FROM {log}.rejection_log WHERE source_event_id != '')
        ) AS s ON r.source_id = s.source_id AND r.source_event_id = s.source_event_id
        WHERE s.recorded_at > r.received_at
    ),
    closed AS
    (
        SELECT topic, topic_partition, topic_offset, batch_id, index, min(at) AS first_at, argMin(event_id, (at, event_id)) AS first_id
        FROM answers
        GROUP BY topic, topic_partition, topic_offset, batch_id, index
    )
SELECT
    r.reason AS reason, r.field AS field, r.message AS message, r.source_id AS source_id, r.received_at AS received_at,
    r.topic_partition AS topic_partition, r.topic_offset AS topic_offset, r.topic AS topic, r.batch_id AS batch_id,
    r.index AS index, r.event AS event, r.act_id AS act_id, r.subject_id AS subject_id, r.origin AS origin,
    r.message_zh AS message_zh,
    if(c.first_id = '', 'open', 'closed') AS state,
    if(c.first_id = '', NULL, c.first_at) AS closed_at,
    c.first_id AS closed_by
FROM refused AS r
LEFT JOIN closed AS c
    ON r.topic = c.topic AND r.topic_partition = c.topic_partition AND r.topic_offset = c.topic_offset
    AND r.batch_id = c.batch_id AND r.index = c.index
