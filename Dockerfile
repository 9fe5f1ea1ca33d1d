# The command `xinji` and nothing else: the wheel is built in the first stage and installed in the second.
FROM python:3.11-slim-bookworm AS wheel
WORKDIR /src
RUN pip install --no-cache-dir "build>=1.2"
COPY pyproject.toml README.md LICENSE ./
COPY schemas schemas
COPY projections projections
COPY connectors connectors
COPY streams streams
COPY console console
RUN python -m build --wheel --outdir /wheel

FROM python:3.11-slim-bookworm
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
RUN --mount=type=bind,from=wheel,source=/wheel,target=/wheel \
    pip install --no-cache-dir /wheel/*.whl \
    && useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin xinji
USER 10001
WORKDIR /tmp
ENTRYPOINT ["xinji"]
CMD ["--help"]
