-- 当日的信用等级 / the grade that holds on that day
-- columns: subject_id, grade, score, valid_from, valid_to, policy_version, reasons, grade_name, ceiling
SELECT *
FROM {view:grades}
WHERE ifNull(valid_to > {day}, true)
