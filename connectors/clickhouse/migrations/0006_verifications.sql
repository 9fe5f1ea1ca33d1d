-- When the whole log was last verified, and how it ended.

CREATE TABLE IF NOT EXISTS {database}.verifications {on_cluster}
(
    `ended_at` DateTime64(3, 'UTC') COMMENT '核对结束时间（UTC） / when it ended (UTC)',
    `generation` UInt64 COMMENT '所核对的代次 / the generation that was verified',
    `records` UInt64 COMMENT '日志记录数 / records of the log',
    `differing` UInt64 COMMENT '差异数，含仍在变化而未能核对的主体 / differences, subjects that never stood still among them'
)
ENGINE = {replicated}ReplacingMergeTree
ORDER BY ended_at
COMMENT '全量核对的记录 / verifications of the whole log';
