-- One row per subject, replaced as a whole by the row that knows more (version). Views unfold the arrays.

CREATE TABLE IF NOT EXISTS {database}.subject_rows {on_cluster}
(
    `subject_id` String COMMENT '信用主体标识 / the subject',
    `version` UInt64 COMMENT '版本：代次×2^40＋事件数 / generation * 2^40 + number of distinct events',
    `policy_digest` String COMMENT '政策表摘要 / digest of the policy',
    `name` String COMMENT '最新名称 / latest name',
    `kind` LowCardinality(String) COMMENT '信用主体类别 / kind of subject',
    `names.since` Array(Date32) COMMENT '名称起用日期，升序 / name in use since, ascending',
    `names.name` Array(String) COMMENT '名称 / name',
    `events.occurred_on` Array(Date32) COMMENT '发生日期，升序 / date of occurrence, ascending',
    `events.event` Array(LowCardinality(String)) COMMENT '事件名称 / name of the event',
    `events.makes_act` Array(Bool) COMMENT '是否作出行政行为的事件 / whether it is the making event of an act'
)
ENGINE = {replicated}ReplacingMergeTree(version)
ORDER BY subject_id
SETTINGS index_granularity = 1024
COMMENT '信用主体（投影） / subjects (projection)';

CREATE TABLE IF NOT EXISTS {database}.act_rows {on_cluster}
(
    `subject_id` String COMMENT '信用主体标识 / the subject',
    `version` UInt64 COMMENT '版本：代次×2^40＋事件数 / generation * 2^40 + number of distinct events',
    `policy_digest` String COMMENT '政策表摘要 / digest of the policy',
    `acts.act_id` Array(String) COMMENT '行政行为标识 / the act',
    `acts.kind` Array(LowCardinality(String)) COMMENT '行政行为类别 / kind of act',
    `acts.event` Array(LowCardinality(String)) COMMENT '作出事件名称 / name of the making event',
    `acts.event_id` Array(String) COMMENT '作出事件标识 / id of the making event',
    `acts.authority_id` Array(String) COMMENT '决定机关标识 / who decided',
    `acts.authority_name` Array(String) COMMENT '决定机关名称 / name of the authority',
    `acts.source_id` Array(String) COMMENT '信息提供单位标识 / the source',
    `acts.occurred_on` Array(Date32) COMMENT '决定日期（更正后） / date of the decision, as corrected',
    `acts.revoked_on` Array(Nullable(Date32)) COMMENT '撤销日期 / revoked on',
    `acts.void` Array(Bool) COMMENT '是否自始无效 / void from the start',
    `acts.disclosed_on` Array(Nullable(Date32)) COMMENT '最早公示日期 / earliest disclosure',
    `acts.irregularities` Array(Array(String)) COMMENT '异常情形代码 / codes of irregularities',
    `acts.evidence` Array(Array(String)) COMMENT '依据的事件标识 / ids of the events it rests on',
    `acts.content` Array(String) COMMENT '更正后的内容（JSON） / content as corrected (JSON)' CODEC(ZSTD(1))
)
ENGINE = {replicated}ReplacingMergeTree(version)
ORDER BY subject_id
SETTINGS index_granularity = 1024
COMMENT '更正后的行政行为（投影） / acts as corrected (projection)';

CREATE TABLE IF NOT EXISTS {database}.duty_rows {on_cluster}
(
    `subject_id` String COMMENT '信用主体标识 / the subject',
    `version` UInt64 COMMENT '版本：代次×2^40＋事件数 / generation * 2^40 + number of distinct events',
    `policy_digest` String COMMENT '政策表摘要 / digest of the policy',
    `duties.act_id` Array(String) COMMENT '行政行为标识 / the act',
    `duties.duty` Array(LowCardinality(String)) COMMENT '期限事项 / the duty',
    `duties.cause_event_id` Array(String) COMMENT '引起该事项的事件 / the event that causes it',
    `duties.kind` Array(LowCardinality(String)) COMMENT '行政行为类别 / kind of act',
    `duties.authority_id` Array(String) COMMENT '决定机关标识 / who decided',
    `duties.authority_name` Array(String) COMMENT '决定机关名称 / name of the authority',
    `duties.source_id` Array(String) COMMENT '信息提供单位标识 / the source',
    `duties.source_name` Array(String) COMMENT '信息提供单位名称 / name of the source',
    `duties.started_on` Array(Date32) COMMENT '起算日期 / starting date',
    `duties.due_on` Array(Date32) COMMENT '截止日期 / due on',
    `duties.fulfilled_on` Array(Nullable(Date32)) COMMENT '完成日期 / fulfilled on',
    `duties.revoked_on` Array(Nullable(Date32)) COMMENT '行为撤销日期（撤下事项为空） / act revoked on (null for withdraw)',
    `duties.exempt` Array(Bool) COMMENT '是否依法不公示 / exempt from disclosure',
    `duties.unknown` Array(Bool) COMMENT '历史数据，公示情况不明 / imported, disclosure unknown',
    `duties.provisional` Array(Bool) COMMENT '是否含日历未覆盖的日期 / counts days beyond the calendar',
    `duties.rule_id` Array(String) COMMENT '适用规则 / the rule that applies',
    `duties.legal_basis` Array(String) COMMENT '法律依据 / legal basis'
)
ENGINE = {replicated}ReplacingMergeTree(version)
ORDER BY subject_id
SETTINGS index_granularity = 1024
COMMENT '公示、报送等期限事项（投影） / duties and their deadlines (projection)';

CREATE TABLE IF NOT EXISTS {database}.list_rows {on_cluster}
(
    `subject_id` String COMMENT '被列入的信用主体标识 / the listed subject',
    `version` UInt64 COMMENT '版本：代次×2^40＋事件数 / generation * 2^40 + number of distinct events',
    `policy_digest` String COMMENT '政策表摘要 / digest of the policy',
    `responsible_ever` Array(String) COMMENT '曾被任何列入决定点名的责任人 / persons that any listing of this subject ever named',
    `entries.entry_id` Array(String) COMMENT '列入条目标识 / the entry',
    `entries.list` Array(LowCardinality(String)) COMMENT '名单代码 / the list',
    `entries.list_name` Array(LowCardinality(String)) COMMENT '名单名称 / name of the list',
    `entries.effect` Array(LowCardinality(String)) COMMENT '名单性质：serious、watch、honour / effect of the list',
    `entries.member_id` Array(String) COMMENT '条目对应的主体或责任人 / the listed subject, or a responsible person',
    `entries.member_name` Array(String) COMMENT '其名称 / name of that member',
    `entries.role` Array(LowCardinality(String)) COMMENT '角色：subject 主体，responsible 责任人 / role: subject or responsible',
    `entries.authority_id` Array(String) COMMENT '认定机关标识 / who decided',
    `entries.authority_name` Array(String) COMMENT '认定机关名称 / name of the authority',
    `entries.source_id` Array(String) COMMENT '信息提供单位标识 / the source',
    `entries.listed_from` Array(Date32) COMMENT '列入日期 / listed from',
    `entries.listed_to` Array(Nullable(Date32)) COMMENT '移出日期（不含当日），空为未定 / listed until (exclusive), null: open',
    `entries.end_reason` Array(Nullable(String)) COMMENT '结束原因 / why it ends',
    `entries.reason` Array(String) COMMENT '列入事由 / reason for listing',
    `entries.irregularities` Array(Array(String)) COMMENT '异常情形代码 / codes of irregularities',
    `entries.evidence` Array(Array(String)) COMMENT '依据的事件标识 / ids of the events it rests on',
    `entries.legal_basis` Array(String) COMMENT '法律依据 / legal basis'
)
ENGINE = {replicated}ReplacingMergeTree(version)
ORDER BY subject_id
SETTINGS index_granularity = 1024
COMMENT '名单条目（投影） / entries on lists (projection)';

CREATE TABLE IF NOT EXISTS {database}.responsible_rows {on_cluster}
(
    `person_id` String COMMENT '责任人标识 / the responsible person',
    `subject_id` String COMMENT '被列入的信用主体标识 / the listed subject',
    `version` UInt64 COMMENT '版本：代次×2^40＋事件数 / generation * 2^40 + number of distinct events',
    `policy_digest` String COMMENT '政策表摘要 / digest of the policy',
    `entries.entry_id` Array(String) COMMENT '列入条目标识 / the entry',
    `entries.list` Array(LowCardinality(String)) COMMENT '名单代码 / the list',
    `entries.list_name` Array(LowCardinality(String)) COMMENT '名单名称 / name of the list',
    `entries.effect` Array(LowCardinality(String)) COMMENT '名单性质：serious、watch、honour / effect of the list',
    `entries.member_id` Array(String) COMMENT '条目对应的主体或责任人 / the listed subject, or a responsible person',
    `entries.member_name` Array(String) COMMENT '其名称 / name of that member',
    `entries.role` Array(LowCardinality(String)) COMMENT '角色：subject 主体，responsible 责任人 / role: subject or responsible',
    `entries.authority_id` Array(String) COMMENT '认定机关标识 / who decided',
    `entries.authority_name` Array(String) COMMENT '认定机关名称 / name of the authority',
    `entries.source_id` Array(String) COMMENT '信息提供单位标识 / the source',
    `entries.listed_from` Array(Date32) COMMENT '列入日期 / listed from',
    `entries.listed_to` Array(Nullable(Date32)) COMMENT '移出日期（不含当日），空为未定 / listed until (exclusive), null: open',
    `entries.end_reason` Array(Nullable(String)) COMMENT '结束原因 / why it ends',
    `entries.reason` Array(String) COMMENT '列入事由 / reason for listing',
    `entries.irregularities` Array(Array(String)) COMMENT '异常情形代码 / codes of irregularities',
    `entries.evidence` Array(Array(String)) COMMENT '依据的事件标识 / ids of the events it rests on',
    `entries.legal_basis` Array(String) COMMENT '法律依据 / legal basis'
)
ENGINE = {replicated}ReplacingMergeTree(version)
ORDER BY (person_id, subject_id)
SETTINGS index_granularity = 1024
COMMENT '名单条目按责任人的索引（由 list_rows 填充） / entries by responsible person (filled from list_rows)';

CREATE MATERIALIZED VIEW IF NOT EXISTS {database}.responsible_rows_feed {on_cluster} TO {database}.responsible_rows
(
    `person_id` String COMMENT '责任人标识 / the responsible person',
    `subject_id` String COMMENT '被列入的信用主体标识 / the listed subject',
    `version` UInt64 COMMENT '版本：代次×2^40＋事件数 / generation * 2^40 + number of distinct events',
    `policy_digest` String COMMENT '政策表摘要 / digest of the policy',
    `entries.entry_id` Array(String) COMMENT '列入条目标识 / the entry',
    `entries.list` Array(LowCardinality(String)) COMMENT '名单代码 / the list',
    `entries.list_name` Array(LowCardinality(String)) COMMENT '名单名称 / name of the list',
    `entries.effect` Array(LowCardinality(String)) COMMENT '名单性质：serious、watch、honour / effect of the list',
    `entries.member_id` Array(String) COMMENT '条目对应的主体或责任人 / the listed subject, or a responsible person',
    `entries.member_name` Array(String) COMMENT '其名称 / name of that member',
    `entries.role` Array(LowCardinality(String)) COMMENT '角色：subject 主体，responsible 责任人 / role: subject or responsible',
    `entries.authority_id` Array(String) COMMENT '认定机关标识 / who decided',
    `entries.authority_name` Array(String) COMMENT '认定机关名称 / name of the authority',
    `entries.source_id` Array(String) COMMENT '信息提供单位标识 / the source',
    `entries.listed_from` Array(Date32) COMMENT '列入日期 / listed from',
    `entries.listed_to` Array(Nullable(Date32)) COMMENT '移出日期（不含当日），空为未定 / listed until (exclusive), null: open',
    `entries.end_reason` Array(Nullable(String)) COMMENT '结束原因 / why it ends',
    `entries.reason` Array(String) COMMENT '列入事由 / reason for listing',
    `entries.irregularities` Array(Array(String)) COMMENT '异常情形代码 / codes of irregularities',
    `entries.evidence` Array(Array(String)) COMMENT '依据的事件标识 / ids of the events it rests on',
    `entries.legal_basis` Array(String) COMMENT '法律依据 / legal basis'
)
AS SELECT
    arrayJoin(arrayDistinct(arrayConcat(
        responsible_ever,
        arrayFilter((member, role) -> role = 'responsible', `entries.member_id`, `entries.role`)
    ))) AS person_id,
    subject_id, version, policy_digest,
    `entries.entry_id`, `entries.list`, `entries.list_name`, `entries.effect`, `entries.member_id`,
    `entries.member_name`, `entries.role`, `entries.authority_id`, `entries.authority_name`, `entries.source_id`,
    `entries.listed_from`, `entries.listed_to`, `entries.end_reason`, `entries.reason`, `entries.irregularities`,
    `entries.evidence`, `entries.legal_basis`
FROM {database}.list_rows
COMMENT '写入 list_rows 时填充 responsible_rows / fills responsible_rows from inserts into list_rows';

CREATE TABLE IF NOT EXISTS {database}.grade_rows {on_cluster}
(
    `subject_id` String COMMENT '信用主体标识 / the subject',
    `version` UInt64 COMMENT '版本：代次×2^40＋事件数 / generation * 2^40 + number of distinct events',
    `policy_digest` String COMMENT '政策表摘要 / digest of the policy',
    `intervals.grade` Array(LowCardinality(String)) COMMENT '信用等级 / the grade',
    `intervals.score` Array(Float64) COMMENT '分数（0 至 100） / the score (0 to 100)',
    `intervals.valid_from` Array(Date32) COMMENT '起始日期 / valid from',
    `intervals.valid_to` Array(Nullable(Date32)) COMMENT '终止日期（不含当日），空为未定 / valid until (exclusive), null: open',
    `intervals.policy_version` Array(LowCardinality(String)) COMMENT '评价规则版本 / version of the grading policy',
    `intervals.reasons` Array(Array(Tuple(event_id String, rule_id String, points Float64, valid_from Date32, valid_to Nullable(Date32)))) COMMENT '加减分理由 / reasons: event, rule, points, from, to'
)
ENGINE = {replicated}ReplacingMergeTree(version)
ORDER BY subject_id
SETTINGS index_granularity = 1024
COMMENT '信用等级时间线（投影） / timelines of grades (projection)';
