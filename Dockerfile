# syntax=docker/dockerfile:1
# Two images from one file:
#   docker build -t keras-ma2mi-service .
#   docker build -t keras-ma2mi --build-arg EXTRAS=service,jax .
# EXTRAS are the extras of pyproject.toml; `service` alone needs no deep-learning framework.

FROM python:3.11-slim-bookworm AS build
ARG EXTRAS=service
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /source
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY keras_ma2mi ./keras_ma2mi
COPY preprocessing ./preprocessing
COPY recipes ./recipes
RUN python3 -m venv /opt/keras-ma2mi
RUN /opt/keras-ma2mi/bin/pip install -c constraints.txt ".[${EXTRAS}]"
# pip and setuptools have no work left in an image that is finished.
RUN /opt/keras-ma2mi/bin/pip uninstall --yes setuptools pip

FROM python:3.11-slim-bookworm
ENV PATH=/opt/keras-ma2mi/bin:$PATH \
    NUMBA_CACHE_DIR=/var/cache/keras-ma2mi \
    PYTHONUNBUFFERED=1
COPY --from=build /opt/keras-ma2mi /opt/keras-ma2mi
RUN useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin ma2mi
RUN install --directory --owner=ma2mi --group=ma2mi /data /var/cache/keras-ma2mi
USER ma2mi
WORKDIR /data
# Kernels are compiled here, so that the first request of a fresh container does not wait for it.
RUN python -c "import numpy; from ma2mi_preprocessing import motion_features; image = numpy.zeros((32, 32, 3), 'uint8'); motion_features(image, image, kind='both')"
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
# Does not start without tokens: docker run -e KERAS_MA2MI_TOKENS=... or --token-file.
CMD ["python", "-m", "ma2mi_preprocessing.service", "--host", "0.0.0.0", "--port", "8000", "--data", "/data/service"]
