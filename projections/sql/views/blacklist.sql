CREATE OR REPLACE VIEW {database}.blacklist {on_cluster}
(
    `subject_id` String COMMENT '信用主体标识 / the subject',
    `list` LowCardinality(String) COMMENT '名单代码 / the list',
    `entry_id` String COMMENT '列入条目标识 / the entry',
    `listed_from` Date32 COMMENT '列入日期 / listed from',
    `listed_to` Nullable(Date32) COMMENT '移出日期（不含当日），空为未定 / listed until (exclusive), null: open',
    `subject_name` String COMMENT '信用主体名称 / name of the subject',
    `list_name` LowCardinality(String) COMMENT '名单名称 / name of the list',
    `authority_id` String COMMENT '认定机关标识 / who decided',
    `authority_name` String COMMENT '认定机关名称 / name of the authority',
    `source_id` String COMMENT '信息提供单位标识 / the source',
    `reason` String COMMENT '列入事由 / reason for listing',
    `irregularities` Array(String) COMMENT '异常情形代码 / codes of irregularities',
    `legal_basis` String COMMENT '法律依据 / legal basis'
)
AS
SELECT
    subject_id, list, entry_id, listed_from, listed_to, member_name AS subject_name, list_name, authority_id,
    authority_name, source_id, reason, irregularities, legal_basis
FROM {database}.list_rows FINAL
ARRAY JOIN
    `entries.entry_id` AS entry_id, `entries.list` AS list, `entries.list_name` AS list_name,
    `entries.effect` AS effect, `entries.member_name` AS member_name, `entries.role` AS role,
    `entries.authority_id` AS authority_id, `entries.authority_name` AS authority_name,
    `entries.source_id` AS source_id, `entries.listed_from` AS listed_from, `entries.listed_to` AS listed_to,
    `entries.reason` AS reason, `entries.irregularities` AS irregularities, `entries.legal_basis` AS legal_basis
WHERE effect = 'serious' AND role = 'subject' AND listed_from <= {day} AND ifNull(listed_to > {day}, true)
COMMENT '当日在严重失信主体名单上的条目 / entries open on a serious list on that day'
