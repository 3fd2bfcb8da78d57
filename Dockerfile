# Two stages: what builds the package stays in the first one. A first run leaves what is compiled.
FROM python:3.12-slim AS build
WORKDIR /source
COPY constraints.txt LICENSE openapi.yaml pyproject.toml README.md ./
COPY conformance ./conformance
RUN python -m venv --without-pip /opt/csbs-conformance \
    && python -m pip --python /opt/csbs-conformance/bin/python install --no-cache-dir \
       --disable-pip-version-check --constraint constraints.txt . \
    && /opt/csbs-conformance/bin/csbs-conformance run --profile smoke --quiet --report-dir /tmp/run

FROM python:3.12-slim
LABEL org.opencontainers.image.title="csbs-conformance" \
      org.opencontainers.image.licenses="Apache-2.0"
RUN python -m pip uninstall --yes --quiet pip \
    && install --directory --owner=10001 --group=10001 /work
COPY --from=build /opt/csbs-conformance /opt/csbs-conformance
ENV PATH=/opt/csbs-conformance/bin:$PATH \
    HOME=/tmp \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
WORKDIR /work
USER 10001:10001
HEALTHCHECK NONE
ENTRYPOINT ["csbs-conformance"]
CMD ["--help"]
