# The function's runtime image. `npm run package` stages its build context: root/ holds usr/bin/node, the function's files, dumps.cjs, failover.cjs, licences
# and, for BASE=scratch (its default, which pulls nothing), the shared libraries of node. The base below brings those by itself.
# Where a registry can be asked, one without a shell and by digest is better: npm run package -- --base gcr.io/distroless/cc-debian12@sha256:...
ARG BASE=debian:12.11-slim
FROM ${BASE}

# First, because the classic builder takes the platform of a scratch image from it.
COPY root/ /

ARG VERSION
LABEL org.opencontainers.image.title="function-postgresql" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.licenses="Apache-2.0"

# Crossplane starts it with this id (core v2.3.4 internal/controller/pkg/runtime/runtime_defaults.go); nothing is ever written.
USER 2000:2000
WORKDIR /
ENV NODE_ENV=production \
    MALLOC_ARENA_MAX=1

# gRPC, and plain HTTP for health and metrics.
EXPOSE 9443 8080

# A small young generation takes less memory; below 8 MiB its collections cost more than that saves. --use-openssl-ca, because Node
# parses its own 140 root certificates as soon as a server names a CA, and nothing here asks them (crypto_context.cc, AddCACert).
# start.cjs runs function.cjs with what V8 compiled of it for the image. No arguments: Crossplane gives none, and sets
# TLS_SERVER_CERTS_DIR. Arguments of a DeploymentRuntimeConfig come after these.
ENTRYPOINT ["/usr/bin/node", "--max-semi-space-size=8", "--use-openssl-ca", "/start.cjs"]
