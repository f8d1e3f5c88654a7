# syntax=docker/dockerfile:1
# Two images from one file; docs/containers.md says how to build, run and join them.
#   docker build -t keras-ma2mi-service .
#   docker build -t keras-ma2mi --target toolkit --build-arg BACKEND=jax .

# A tag takes up fixes of the system; give a digest (python@sha256:...) to build the same anew.
ARG BASE=python:3.11-slim-bookworm

FROM ${BASE} AS environment
ENV PIP_CACHE_DIR=/var/cache/pip PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python3 -m venv /opt/keras-ma2mi
WORKDIR /source

FROM environment AS service-packages
# What only training and stores need would make this image twice as large.
COPY constraints.txt containers/service.txt ./
RUN --mount=type=cache,target=/var/cache/pip \
    /opt/keras-ma2mi/bin/pip install -c constraints.txt -r service.txt
COPY pyproject.toml README.md LICENSE ./
COPY keras_ma2mi ./keras_ma2mi
COPY preprocessing ./preprocessing
COPY recipes ./recipes
RUN --mount=type=cache,target=/var/cache/pip \
    /opt/keras-ma2mi/bin/pip install --no-deps .
# The commands need packages that are not here; pip and setuptools have no work left.
RUN rm /opt/keras-ma2mi/bin/keras-ma2mi \
    && /opt/keras-ma2mi/bin/pip uninstall --yes setuptools pip

FROM environment AS toolkit-packages
# tensorflow, jax or torch; several with commas between them.
ARG BACKEND=jax
ARG EXTRAS=service,cluster,datasets,tensorboard
# Another index beside the usual one: that of PyTorch's CPU builds, without gigabytes of CUDA.
ARG PIP_EXTRA_INDEX_URL
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY keras_ma2mi ./keras_ma2mi
COPY preprocessing ./preprocessing
COPY recipes ./recipes
RUN --mount=type=cache,target=/var/cache/pip \
    /opt/keras-ma2mi/bin/pip install -c constraints.txt ".[${EXTRAS},${BACKEND}]"
RUN /opt/keras-ma2mi/bin/pip uninstall --yes setuptools pip

FROM ${BASE} AS run
ENV PATH=/opt/keras-ma2mi/bin:$PATH \
    HOME=/data \
    NUMBA_CACHE_DIR=/var/cache/keras-ma2mi \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
# All that the base image has in the folders removed is pip and what pip needs.
RUN rm -rf /usr/local/bin/pip* /usr/local/lib/python3.*/ensurepip \
        /usr/local/lib/python3.*/site-packages/* \
    && groupadd --gid 10001 ma2mi \
    && useradd --uid 10001 --gid 10001 --home-dir /data --shell /usr/sbin/nologin ma2mi \
    && install --directory --owner=ma2mi --group=ma2mi /data /var/cache/keras-ma2mi
WORKDIR /data

FROM run AS toolkit
COPY --from=toolkit-packages /opt/keras-ma2mi /opt/keras-ma2mi
USER 10001:10001
# Whoever `docker run --user` names may use these kernels, and add those of another processor.
RUN python -c "from ma2mi_preprocessing.motion import compile_kernels; compile_kernels()" \
    && chmod -R a+rwX /var/cache/keras-ma2mi
VOLUME /data
ENTRYPOINT ["keras-ma2mi"]
CMD ["--help"]

FROM run AS service
COPY --from=service-packages /opt/keras-ma2mi /opt/keras-ma2mi
USER 10001:10001
# Kernels are compiled here, so that the first request of a fresh container does not wait for it.
RUN python -c "import numpy; from ma2mi_preprocessing import motion_features; image = numpy.zeros((32, 32, 3), 'uint8'); motion_features(image, image, kind='both')"
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
# Does not start without tokens: docker run -e KERAS_MA2MI_TOKENS=... or --token-file.
CMD ["python", "-m", "ma2mi_preprocessing.service", "--host", "0.0.0.0", "--port", "8000", "--data", "/data/service"]
