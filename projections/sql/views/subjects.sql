CREATE OR REPLACE VIEW {database}.subjects {on_cluster}
(
    `subject_id` String COMMENT '信用主体标识 / the subject',
    `name` String COMMENT '当日名称 / its name on that day',
    `kind` LowCardinality(String) COMMENT '信用主体类别 / kind of subject',
    `first_event` Date32 COMMENT '最早事件日期 / date of the first event',
    `last_event` Date32 COMMENT '最近事件日期 / date of the last event',
    `events` UInt32 COMMENT '事件数 / events',
    `acts` UInt32 COMMENT '行政行为数 / acts',
    `licences` UInt32 COMMENT '行政许可数 / licences',
    `penalties` UInt32 COMMENT '行政处罚数 / penalties',
    `inspections` UInt32 COMMENT '行政检查数 / inspections',
    `commitments` UInt32 COMMENT '信用承诺数 / commitments',
    `breaches` UInt32 COMMENT '违背承诺数 / breaches of commitments',
    `listings` UInt32 COMMENT '列入名单决定数 / decisions to list'
)
AS
SELECT
    subject_id,
    if(held = '', name, held) AS name,
    kind,
    happened[1] AS first_event,
    happened[length(happened)] AS last_event,
    toUInt32(length(happened)) AS events,
    toUInt32(length(made)) AS acts,
    toUInt32(countEqual(made, 'LicenceGranted')) AS licences,
    toUInt32(countEqual(made, 'PenaltyImposed')) AS penalties,
    toUInt32(countEqual(made, 'InspectionConducted')) AS inspections,
    toUInt32(countEqual(made, 'CommitmentMade')) AS commitments,
    toUInt32(countEqual(made, 'CommitmentBreached')) AS breaches,
    toUInt32(countEqual(made, 'ListingDecided')) AS listings
FROM
(
    SELECT
        subject_id,
        name,
        kind,
        arrayLast((one, since) -> since <= {day}, `names.name`, `names.since`) AS held,
        arrayFilter(one -> one <= {day}, `events.occurred_on`) AS happened,
        arrayFilter(
            (one, makes, on_day) -> makes AND on_day <= {day},
            `events.event`, `events.makes_act`, `events.occurred_on`
        ) AS made
    FROM {database}.subject_rows FINAL
)
WHERE notEmpty(happened)
COMMENT '信用主体及其事件计数 / subjects with counts of what began by that day'
