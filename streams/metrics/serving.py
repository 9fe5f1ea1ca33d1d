"""Serving a worker's metrics over HTTP, on a thread of its own."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, start_http_server

from schemas.sentence import Sentence, Told


class NoMetricsPort(Told, RuntimeError):
    """The address for metrics cannot be taken: ``address`` and ``detail``."""

    says = Sentence(
        "指标端口 {address} 不可用（{detail}）；请换一个端口，0 为关闭",
        "the port for metrics, {address}, is not to be had ({detail}); choose another one, 0 turns it off",
    )

    def __init__(self, address: str, detail: str) -> None:
        self.address, self.detail = address, detail
        super().__init__(address=address, detail=detail)


def serve(registry: CollectorRegistry, host: str, port: int) -> None:
    """Serves ``/metrics`` until the process ends; nothing where the port is 0. Raises NoMetricsPort."""
    if not port:
        return
    try:
        start_http_server(port, host, registry)
    except OSError as problem:
        raise NoMetricsPort(f"{host}:{port}", problem.strerror or str(problem)) from problem
