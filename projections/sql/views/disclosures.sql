CREATE OR REPLACE VIEW {database}.disclosures {on_cluster}
(
    `act_id` String COMMENT '行政行为标识 / the act',
    `duty` LowCardinality(String) COMMENT '期限事项：disclose 公示，report 报送，withdraw 撤下等 / the duty: disclose, report, withdraw ...',
    `cause_event_id` String COMMENT '引起该事项的事件 / the event that causes it',
    `kind` LowCardinality(String) COMMENT '行政行为类别 / kind of act',
    `subject_id` String COMMENT '信用主体标识 / the subject',
    `authority_id` String COMMENT '决定机关标识 / who decided',
    `source_id` String COMMENT '信息提供单位标识 / the source',
    `started_on` Date32 COMMENT '起算日期 / starting date (day 0)',
    `due_on` Date32 COMMENT '截止日期 / due on',
    `fulfilled_on` Nullable(Date32) COMMENT '完成日期，当日尚未完成则为空 / fulfilled on, null before that day',
    `status` String COMMENT '状态：exempt 依法不公示，met 按期，met_late 逾期完成，void 无须履行，lapsed 逾期后撤销，unknown 不明，pending 未到期，overdue 逾期 / status on that day',
    `days_overdue` Int32 COMMENT '逾期日历天数 / calendar days overdue',
    `provisional` Bool COMMENT '是否含日历未覆盖的日期 / counts days beyond the calendar',
    `rule_id` String COMMENT '适用规则 / the rule that applies',
    `legal_basis` String COMMENT '法律依据 / legal basis',
    `authority_name` String COMMENT '决定机关名称 / name of the authority',
    `source_name` String COMMENT '信息提供单位名称 / name of the source'
)
AS
SELECT
    act_id, duty, cause_event_id, kind, subject_id, authority_id, source_id, started AS started_on, due AS due_on,
    if(is_done, done, NULL) AS fulfilled_on,
    status,
    toInt32(if(
        status IN ('overdue', 'met_late', 'lapsed'),
        dateDiff('day', due, if(is_done, assumeNotNull(done), {day})),
        0
    )) AS days_overdue,
    provisional, rule_id, legal_basis, authority_name, source_name
FROM
(
    SELECT
        act_id, duty, cause_event_id, kind, subject_id, authority_id, source_id, started, due, done,
        provisional, rule_id, legal_basis, authority_name, source_name,
        ifNull(done <= {day}, false) AS is_done,
        multiIf(
            exempt, 'exempt',
            is_done, if(assumeNotNull(done) <= due, 'met', 'met_late'),
            ifNull(revoked <= {day}, false), if(assumeNotNull(revoked) <= due, 'void', 'lapsed'),
            not_known, 'unknown',
            {day} <= due, 'pending',
            'overdue'
        ) AS status
    FROM {database}.duty_rows FINAL
    ARRAY JOIN
        `duties.act_id` AS act_id, `duties.duty` AS duty, `duties.cause_event_id` AS cause_event_id,
        `duties.kind` AS kind, `duties.authority_id` AS authority_id, `duties.authority_name` AS authority_name,
        `duties.source_id` AS source_id, `duties.source_name` AS source_name, `duties.started_on` AS started,
        `duties.due_on` AS due, `duties.fulfilled_on` AS done, `duties.revoked_on` AS revoked,
        `duties.exempt` AS exempt, `duties.unknown` AS not_known, `duties.provisional` AS provisional,
        `duties.rule_id` AS rule_id, `duties.legal_basis` AS legal_basis
    WHERE started <= {day}
)
COMMENT '公示、报送等期限事项及其状态 / duties with their deadlines and status'
