# syntax=docker/dockerfile:1
# Photo Ranker for CPU, for one machine and as a node of a Ray cluster; runs as an ordinary user.
#
#   docker build -t photo-ranker .
#   docker run --rm -v ~/Pictures:/photos --user "$(id -u):$(id -g)" photo-ranker index /photos --recursive
#
# All nodes of a cluster must run one image: Ray wants the same Python and the same Ray everywhere.

ARG PYTHON=3.12
FROM python:${PYTHON}-slim AS build
WORKDIR /source
COPY pyproject.toml README.md LICENSE ./
COPY photo_ranker photo_ranker
ARG EXTRAS=web,raw,scaleout
# "ray[default]" is what KubeRay needs on top; for photos in S3: --build-arg MORE="ray[default] s3fs"
ARG MORE=ray[default]
RUN pip install --no-cache-dir --prefix=/install ".[${EXTRAS}]" ${MORE}

FROM python:${PYTHON}-slim
# KubeRay asks its nodes with wget whether they are well.
RUN apt-get update && apt-get install --yes --no-install-recommends wget && rm -rf /var/lib/apt/lists/*
COPY --from=build /install /usr/local
# Whoever it runs as: the models are readable, and the cache is writable, by all.
RUN useradd --create-home --uid 1000 ranker && install -d -o ranker -m 1777 /cache
ENV PHOTO_RANKER_CACHE=/cache \
    RAY_USAGE_STATS_ENABLED=0 \
    PYTHONUNBUFFERED=1
USER ranker
# With MODELS=none they are fetched when first needed, or mounted and named by PHOTO_RANKER_MODELS.
ARG MODELS=bake
RUN if [ "$MODELS" = bake ]; then photo-ranker models fetch && chmod -R a+rwX /cache/*; fi
WORKDIR /home/ranker
ENTRYPOINT ["photo-ranker"]
CMD ["--help"]
