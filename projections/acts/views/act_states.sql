-- 行政行为（更正后），含异常情形 / acts as corrected, with their irregularities
-- columns: act_id, kind, event, event_id, subject_id, authority_id, source_id, occurred_on, revoked_on, void,
--   disclosed_on, irregularities, evidence, content, authority_name, source_name, subject_name, subject_kind, jurisdiction,
--   document_number, severity, violation_type, penalty_categories, fine_amount, confiscated_amount, licence_category,
--   certificate_name, certificate_number, result, commitment_type, valid_to
SELECT
    act_id, kind, event, event_id, subject_id, authority_id, source_id, occurred_on,
    if(act_rows.revoked_on <= {day}, act_rows.revoked_on, NULL) AS revoked_on,
    void,
    if(act_rows.disclosed_on <= {day}, act_rows.disclosed_on, NULL) AS disclosed_on,
    irregularities, evidence, content, authority_name, source_name, subject_name, subject_kind, jurisdiction,
    document_number, severity, violation_type, penalty_categories, fine_amount, confiscated_amount, licence_category,
    certificate_name, certificate_number, result, commitment_type, valid_to
FROM {rows}.act_rows FINAL
WHERE made AND occurred_on <= {day}
