"""Settings of every part, from the environment (``XINJI_*``); what is passed explicitly wins."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Where the parts are and how they behave. Each field is an environment variable with the prefix ``XINJI_``."""

    model_config = SettingsConfigDict(env_prefix="XINJI_", frozen=True, extra="ignore")

    data: Path = Field(default=Path(".xinji"), description="嵌入式环境的数据目录 / data directory of the embedded stack")
    bus: Literal["", "memory", "kafka"] = Field(
        default="",
        description="嵌入式环境的总线：memory（默认）或 kafka / embedded: memory (default), or kafka from XINJI_KAFKA_HOME",
    )
    kafka_home: Path | None = Field(
        default=None, description="Apache Kafka 的安装目录（--bus kafka） / an installation of Apache Kafka, for --bus kafka"
    )
    kafka_port: int = Field(
        default=19092,
        ge=1,
        le=65535,
        description="嵌入式环境的总线端口；未指定而被占用时用下一个 / port of the embedded bus; if taken, the next free one",
    )
    http_port: int = Field(
        default=18123,
        ge=1,
        le=65535,
        description="嵌入式环境的 ClickHouse HTTP 端口，同上 / HTTP port of the embedded engine, likewise",
    )
    bootstrap: str = Field(default="", description="Kafka 地址，空则找本机嵌入式环境 / host:port; empty: the embedded stack")
    clickhouse: str = Field(
        default="", description="ClickHouse 的 HTTP 地址 / ClickHouse's HTTP address, http://user:password@host:8123"
    )
    database: str = Field(default="xinji", description="ClickHouse 数据库 / ClickHouse database")
    sources: Path | None = Field(default=None, description="信息提供单位登记表（TOML） / registered sources and what they may push")
    policy: Path | None = Field(default=None, description="替换内置政策表的目录 / directory of tables that replace packaged ones")
    vault: Path | None = Field(default=None, description="自然人化名库 / the vault of pseudonyms of natural persons")
    vault_key: Path | None = Field(default=None, description="化名库密钥文件 / key file of the vault")
    rejections_key: Path | None = Field(default=None, description="被拒原文的加密密钥文件 / key file that encrypts rejected bytes")
    receipts_after_landing: bool = Field(
        default=False, description="回执是否等事件落库（嵌入式环境为是） / receipts wait for landing (true on the memory-only bus)"
    )
    session_timeout: float = Field(default=10.0, gt=0, description="消费组会话超时（秒） / consumer session timeout, seconds")
    gate_host: Literal["faust", "plain"] = Field(
        default="faust",
        description="接收程序的宿主，须一致（嵌入式为 plain） / what hosts the gates, the same for all (embedded: plain)",
    )
    gate_window: int = Field(
        default=100_000,
        ge=1,
        description="最多多少事件等待落库，超过则暂停接收 / so many acts may wait for landing; beyond it admission waits",
    )
    free_space: int = Field(
        default=500,
        ge=0,
        description="ClickHouse 磁盘可用空间低于此数（MB）即暂停接收 / admission waits while ClickHouse's disk has less free, MB",
    )
    reader_seconds: int = Field(
        default=60,
        ge=1,
        description="嵌入式环境：无口令者每次查询至多几秒 / embedded: seconds that a query without the secret may take",
    )
    reader_memory: int = Field(
        default=2000,
        ge=1,
        description="嵌入式环境：无口令者每次查询内存上限（MB） / embedded: memory of a query without the secret, MB",
    )
    batch_rows: int = Field(default=200, ge=1, le=1000, description="一次提交的条数 / statements in one submission message")
    cluster: str = Field(
        default="", description="ClickHouse 集群名，空为单机 / name of the ClickHouse cluster; empty: one server, no replicas"
    )
    member: str = Field(
        default="",
        description="消费组内固定的成员名，重启不引起再分配 / fixed name of this worker in its group: restarts move no partitions",
    )
    projector_partitions: str = Field(
        default="",
        description="固定由本进程投影的分区（如 0-5），空则由消费组分配 / partitions of this projector; empty: shared by group",
    )
    projector_acts: int = Field(
        default=1_000_000,
        ge=1,
        description="投影进程内存中保留的行为数上限 / acts whose facts the projector keeps in memory, at most",
    )
    projector_batch: int = Field(default=5000, ge=1, description="投影一批最多的事件数 / events that the projector takes at once")
    metrics_host: str = Field(default="127.0.0.1", description="工作进程指标的监听地址 / address on which workers serve metrics")
    gate_metrics_port: int = Field(
        default=0, ge=0, le=65535, description="闸口的 Prometheus 指标端口，0 为关闭 / port of the gate's metrics, 0: none"
    )
    projector_metrics_port: int = Field(
        default=0, ge=0, le=65535, description="投影进程的 Prometheus 指标端口，0 为关闭 / port of the projector's metrics, 0: none"
    )
    replication: int = Field(default=1, ge=1, description="主题副本数 / replication factor of topics")
    lang: Literal["", "zh", "en"] = Field(
        default="",
        description="界面语言 zh 或 en，空则随系统，否则中文 / language for people: zh or en; empty: the locale's, else Chinese",
    )
