CREATE OR REPLACE VIEW {database}.grades {on_cluster}
(
    `subject_id` String COMMENT '信用主体标识 / the subject',
    `grade` LowCardinality(String) COMMENT '信用等级 / the grade',
    `score` Float64 COMMENT '分数（0 至 100） / the score (0 to 100)',
    `valid_from` Date32 COMMENT '起始日期 / valid from',
    `valid_to` Nullable(Date32) COMMENT '终止日期（不含当日），空为未定 / valid until (exclusive), null: open',
    `policy_version` LowCardinality(String) COMMENT '评价规则版本（区间开始时所用） / version of the grading policy in force when the interval begins',
    `reasons` Array(Tuple(event_id String, rule_id String, points Float64, valid_from Date32, valid_to Nullable(Date32))) COMMENT '加减分理由：事件、规则、分值、起止 / reasons: event, rule, points, from, to'
)
AS
SELECT subject_id, grade, score, valid_from, valid_to, policy_version, reasons
FROM {database}.grade_rows FINAL
ARRAY JOIN
    `intervals.grade` AS grade, `intervals.score` AS score, `intervals.valid_from` AS valid_from,
    `intervals.valid_to` AS valid_to, `intervals.policy_version` AS policy_version,
    `intervals.reasons` AS reasons
WHERE valid_from <= {day}
COMMENT '信用等级时间线（当日及以前开始的区间） / timelines of grades: intervals that began by that day'
