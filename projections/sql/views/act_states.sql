CREATE OR REPLACE VIEW {database}.act_states {on_cluster}
(
    `act_id` String COMMENT '行政行为标识 / the act',
    `kind` LowCardinality(String) COMMENT '行政行为类别 / kind of act',
    `event` LowCardinality(String) COMMENT '作出事件名称 / name of the making event',
    `event_id` String COMMENT '作出事件标识 / id of the making event',
    `subject_id` String COMMENT '信用主体标识 / the subject',
    `authority_id` String COMMENT '决定机关标识 / who decided',
    `source_id` String COMMENT '信息提供单位标识 / the source',
    `occurred_on` Date32 COMMENT '决定日期（更正后） / date of the decision, as corrected',
    `revoked_on` Nullable(Date32) COMMENT '撤销日期，当日尚未撤销则为空 / revoked on, null before that day',
    `void` Bool COMMENT '是否自始无效 / void from the start',
    `disclosed_on` Nullable(Date32) COMMENT '最早公示日期，当日尚未公示则为空 / earliest disclosure, null before that day',
    `irregularities` Array(String) COMMENT '异常情形代码 / codes of irregularities',
    `evidence` Array(String) COMMENT '依据的事件标识 / ids of the events it rests on',
    `content` String COMMENT '更正后的内容（JSON） / content as corrected (JSON)',
    `authority_name` String COMMENT '决定机关名称 / name of the authority'
)
AS
SELECT
    act_id, kind, event, event_id, subject_id, authority_id, source_id, made_on AS occurred_on,
    if(revoked <= {day}, revoked, NULL) AS revoked_on,
    is_void AS void,
    if(disclosed <= {day}, disclosed, NULL) AS disclosed_on,
    irregularities, evidence, content, authority_name
FROM {database}.act_rows FINAL
ARRAY JOIN
    `acts.act_id` AS act_id, `acts.kind` AS kind, `acts.event` AS event, `acts.event_id` AS event_id,
    `acts.authority_id` AS authority_id, `acts.authority_name` AS authority_name, `acts.source_id` AS source_id,
    `acts.occurred_on` AS made_on, `acts.revoked_on` AS revoked, `acts.void` AS is_void,
    `acts.disclosed_on` AS disclosed, `acts.irregularities` AS irregularities, `acts.evidence` AS evidence,
    `acts.content` AS content
WHERE made_on <= {day}
COMMENT '行政行为（更正后），含异常情形 / acts as corrected, with their irregularities'
