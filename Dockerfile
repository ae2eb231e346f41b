# An image with one program in it, to copy from, to mount, or to run as an init container:
#
#   cargo xtask dist
#   docker buildx build --platform linux/amd64,linux/arm64 --tag epicac .
#
# No stage runs a program, so a machine of either kind builds both platforms, without an emulator.

# buildah expands a variable in FROM only if it is declared before.
ARG TARGETARCH

# BuildKit and Rust have different names for the platforms. A file loses its mode in the artifacts of a CI, so
# `--chmod` sets it.
FROM scratch AS amd64
COPY --chmod=0755 dist/epicac-x86_64 /image/epicac

FROM scratch AS arm64
COPY --chmod=0755 dist/epicac-aarch64 /image/epicac

# The program's second name, `sh`, for image volumes: deploy/kubernetes/README.md.
FROM $TARGETARCH AS files
COPY deploy/image/ /image/

# One layer.
FROM scratch AS image
COPY --from=files /image/ /
LABEL org.opencontainers.image.title="epicac" \
      org.opencontainers.image.description="AWS container credentials for every SDK, by a sandboxed credential_process" \
      org.opencontainers.image.source="https://github.com/epicac/epicac" \
      org.opencontainers.image.licenses="Apache-2.0"
# By number, because there is no /etc/passwd, and so that the kubelet sees that it is not root. Images of distroless and
# Chainguard have the same user.
USER 65532:65532
ENTRYPOINT ["/epicac"]
