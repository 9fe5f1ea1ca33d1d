-- 信用等级时间线（当日及以前开始的区间） / timelines of grades: intervals that began by that day
-- columns: subject_id, grade, score, valid_from, valid_to, policy_version, reasons, grade_name, ceiling
SELECT
    graded.subject_id AS subject_id, grade, score, valid_from, valid_to, policy_version,
    CAST(arraySort(one -> (one.4, one.1, one.2), arrayMap(
        one -> (one.2, one.3, one.4, one.5, one.6),
        arrayFilter(
            one -> one.1 = policy_version AND one.5 <= valid_from AND valid_from < one.6 AND one.7 <= valid_from,
            counting.points
        )
    )), 'Array(Tuple(event_id String, rule_id String, points Float64, valid_from Date32, valid_to Nullable(Date32)))') AS reasons,
    grade_name, ceiling
FROM
(
    SELECT
        subject_id, `intervals.grade` AS grade, `intervals.score` AS score, `intervals.valid_from` AS valid_from,
        `intervals.valid_to` AS valid_to, `intervals.policy_version` AS policy_version,
        `intervals.grade_name` AS grade_name, `intervals.ceiling` AS ceiling
    FROM {rows}.grade_rows FINAL
    ARRAY JOIN
        `intervals.grade`, `intervals.score`, `intervals.valid_from`, `intervals.valid_to`, `intervals.policy_version`,
        `intervals.grade_name`, `intervals.ceiling`
    WHERE valid_from <= {day}
) AS graded
LEFT JOIN
(
    SELECT
        subject_id,
        groupArrayArray(arrayZip(
            `points.policy_version`, `points.reason_event_id`, `points.rule_id`, `points.points`, `points.counts_from`,
            `points.counts_to`, arrayMap(one -> occurred_on, `points.rule_id`)
        )) AS points
    FROM {rows}.act_rows FINAL
    WHERE notEmpty(`points.rule_id`)
    GROUP BY subject_id
) AS counting ON graded.subject_id = counting.subject_id
