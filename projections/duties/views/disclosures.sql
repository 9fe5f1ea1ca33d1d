-- 公示、报送等期限事项及其状态 / duties with their deadlines and status
-- columns: act_id, duty, cause_event_id, kind, subject_id, authority_id, source_id, started_on, due_on, fulfilled_on,
--   status, days_overdue, provisional, rule_id, legal_basis, authority_name, source_name, subject_name, document_number
SELECT
    act_id, duty, cause_event_id, kind, subject_id, authority_id, source_id, started AS started_on, due AS due_on,
    if(is_done, done, NULL) AS fulfilled_on,
    status,
    toInt32(if(
        status IN ('overdue', 'met_late', 'lapsed'),
        dateDiff('day', due, if(is_done, assumeNotNull(done), {day})),
        0
    )) AS days_overdue,
    provisional, rule_id, legal_basis, authority_name, source_name, subject_name, document_number
FROM
(
    SELECT
        act_id, duty, cause_event_id, kind, subject_id, authority_id, source_id, started, due, done,
        provisional, rule_id, legal_basis, authority_name, source_name, subject_name, document_number,
        ifNull(done <= {day}, false) AS is_done,
        multiIf(
            exempt, 'exempt',
            is_done, if(assumeNotNull(done) <= due, 'met', 'met_late'),
            ifNull(ended <= {day}, false), if(assumeNotNull(ended) <= due, 'void', 'lapsed'),
            not_known, 'unknown',
            {day} <= due, 'pending',
            'overdue'
        ) AS status
    FROM {rows}.act_rows FINAL
    ARRAY JOIN
        `duties.duty` AS duty, `duties.cause_event_id` AS cause_event_id, `duties.started_on` AS started,
        `duties.due_on` AS due, `duties.fulfilled_on` AS done, `duties.ended_on` AS ended, `duties.exempt` AS exempt,
        `duties.unknown` AS not_known, `duties.provisional` AS provisional, `duties.rule_id` AS rule_id,
        `duties.legal_basis` AS legal_basis
    WHERE started <= {day}
)
