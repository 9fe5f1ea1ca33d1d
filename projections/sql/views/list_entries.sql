-- The listed subject's rows come from its own row, those of responsible persons from the index by person: either way a
-- filter on subject_id reaches a primary key.
CREATE OR REPLACE VIEW {database}.list_entries {on_cluster}
(
    `entry_id` String COMMENT '列入条目标识（列入决定的行为标识） / the entry: act id of the decision to list',
    `list` LowCardinality(String) COMMENT '名单代码 / the list',
    `effect` LowCardinality(String) COMMENT '名单性质：serious 严重失信，watch 重点关注，honour 守信 / effect: serious, watch or honour',
    `subject_id` String COMMENT '条目对应的主体或责任人 / the listed subject, or a responsible person',
    `authority_id` String COMMENT '认定机关标识 / who decided',
    `listed_from` Date32 COMMENT '列入日期 / listed from',
    `listed_to` Nullable(Date32) COMMENT '移出日期（不含当日），空为未定 / listed until (exclusive), null: open',
    `end_reason` Nullable(String) COMMENT '结束原因：removed、revoked、repaired、term / why it ends',
    `irregularities` Array(String) COMMENT '异常情形代码 / codes of irregularities',
    `evidence` Array(String) COMMENT '依据的事件标识 / ids of the events it rests on',
    `role` LowCardinality(String) COMMENT '角色：subject 主体，responsible 责任人 / role: subject or responsible',
    `listed_subject_id` String COMMENT '被列入的信用主体标识 / the listed subject',
    `subject_name` String COMMENT '主体或责任人名称 / name of the subject or person',
    `list_name` LowCardinality(String) COMMENT '名单名称 / name of the list',
    `authority_name` String COMMENT '认定机关名称 / name of the authority',
    `source_id` String COMMENT '信息提供单位标识 / the source',
    `reason` String COMMENT '列入事由 / reason for listing',
    `legal_basis` String COMMENT '法律依据 / legal basis'
)
AS
SELECT
    entry_id, list, effect, owner_id AS subject_id, authority_id, listed_from, listed_to, end_reason, irregularities,
    evidence, role, owner_id AS listed_subject_id, member_name AS subject_name, list_name, authority_name, source_id,
    reason, legal_basis
FROM
(
    SELECT
        subject_id AS owner_id, entry_id, list, list_name, effect, member_name, role, authority_id, authority_name,
        source_id, listed_from, listed_to, end_reason, reason, irregularities, evidence, legal_basis
    FROM {database}.list_rows FINAL
    ARRAY JOIN
        `entries.entry_id` AS entry_id, `entries.list` AS list, `entries.list_name` AS list_name,
        `entries.effect` AS effect, `entries.member_name` AS member_name, `entries.role` AS role,
        `entries.authority_id` AS authority_id, `entries.authority_name` AS authority_name,
        `entries.source_id` AS source_id, `entries.listed_from` AS listed_from, `entries.listed_to` AS listed_to,
        `entries.end_reason` AS end_reason, `entries.reason` AS reason, `entries.irregularities` AS irregularities,
        `entries.evidence` AS evidence, `entries.legal_basis` AS legal_basis
    WHERE role = 'subject' AND listed_from <= {day}
)
UNION ALL
SELECT
    entry_id, list, effect, person_id AS subject_id, authority_id, listed_from, listed_to, end_reason, irregularities,
    evidence, role, owner_id AS listed_subject_id, member_name AS subject_name, list_name, authority_name, source_id,
    reason, legal_basis
FROM
(
    SELECT
        person_id, subject_id AS owner_id, entry_id, list, list_name, effect, member_name, role, authority_id,
        authority_name, source_id, listed_from, listed_to, end_reason, reason, irregularities, evidence, legal_basis
    FROM {database}.responsible_rows FINAL
    ARRAY JOIN
        `entries.entry_id` AS entry_id, `entries.list` AS list, `entries.list_name` AS list_name,
        `entries.effect` AS effect, `entries.member_id` AS member_id, `entries.member_name` AS member_name,
        `entries.role` AS role, `entries.authority_id` AS authority_id, `entries.authority_name` AS authority_name,
        `entries.source_id` AS source_id, `entries.listed_from` AS listed_from, `entries.listed_to` AS listed_to,
        `entries.end_reason` AS end_reason, `entries.reason` AS reason, `entries.irregularities` AS irregularities,
        `entries.evidence` AS evidence, `entries.legal_basis` AS legal_basis
    WHERE role = 'responsible' AND member_id = person_id AND listed_from <= {day}
)
COMMENT '名单条目（含责任人） / entries on lists, with those of responsible persons'
