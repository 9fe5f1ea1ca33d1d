-- What was rejected is explained in Chinese, too. Older rows have the English text only.

ALTER TABLE {database}.receipts {on_cluster}
    ADD COLUMN IF NOT EXISTS `message_zh` String COMMENT '说明与处理办法（中文） / what is wrong and what to do, in Chinese' AFTER `message`;

ALTER TABLE {database}.rejection_log {on_cluster}
    ADD COLUMN IF NOT EXISTS `message_zh` String COMMENT '说明与处理办法（中文） / what is wrong and what to do, in Chinese' AFTER `message`;
