-- 逾期未公示的行政行为 / acts that ought to be public by that day and are not
-- columns: act_id, duty, cause_event_id, kind, subject_id, authority_id, source_id, started_on, due_on, fulfilled_on,
--   status, days_overdue, provisional, rule_id, legal_basis, authority_name, source_name, subject_name, document_number
SELECT *
FROM {view:disclosures}
WHERE duty = 'disclose' AND status = 'overdue'
