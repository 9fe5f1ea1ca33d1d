CREATE OR REPLACE VIEW {database}.current_grades {on_cluster}
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
SELECT *
FROM {view:grades}
WHERE ifNull(valid_to > {day}, true)
COMMENT '当日的信用等级 / the grade that holds on that day'
