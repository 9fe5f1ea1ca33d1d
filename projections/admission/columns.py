"""Columns of what was not admitted."""

from __future__ import annotations

from typing import Final

COLUMNS: Final = {
    "reason": ("LowCardinality(String)", "退回原因代码 / code of the reason for rejection"),
    "field": ("String", "有问题的字段 / the field at fault"),
    "message": ("String", "说明与处理办法 / what is wrong and what to do"),
    "message_zh": ("String", "说明与处理办法（中文） / what is wrong and what to do, in Chinese"),
    "source_id": ("LowCardinality(String)", "信息提供单位标识 / who pushed it"),
    "received_at": ("DateTime64(3, 'UTC')", "收到时间（UTC） / when the submission was received (UTC)"),
    "topic": ("LowCardinality(String)", "提交主题 / topic of the submission message"),
    "topic_partition": ("Int32", "提交消息的分区 / partition of the submission message"),
    "topic_offset": ("Int64", "提交消息的位移 / offset of the submission message"),
    "batch_id": ("String", "提交批次标识 / the submission batch"),
    "index": ("UInt32", "批内序号，从 0 起 / place in the batch, from 0"),
    "event": ("LowCardinality(String)", "事件名称，不能解码则为空 / name of the event, empty when undecodable"),
    "origin": ("String", "来源位置（文件、行） / where it came from (file, row)"),
    "state": ("LowCardinality(String)", "是否已更正：open 未更正，closed 已更正 / open, or closed by a later statement"),
    "closed_at": ("Nullable(DateTime64(3, 'UTC'))", "更正入库时间（UTC） / when the statement that closes it was admitted (UTC)"),
    "closed_by": ("String", "更正它的事件标识，未更正为空 / id of the event that closes it, empty while open"),
}
