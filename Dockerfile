# An image with one program in it, to copy from, to mount, or to run as an init container:
#
#   cargo xtask dist
#   docker buildx build --platform linux/amd64,linux/arm64 --tag epicac .
#
# No stage runs anything, so both platforms are built on a machine of either kind, without an emulator.

# Named here for buildah, which expands in FROM only what is declared before it.
ARG TARGETARCH

# BuildKit's names of the platforms are not those of Rust. `--chmod`: a file that came through a CI's
# artifacts has lost its mode.
FROM scratch AS amd64
COPY --chmod=0755 dist/epicac-x86_64 /image/epicac

FROM scratch AS arm64
COPY --chmod=0755 dist/epicac-aarch64 /image/epicac

# The program's second name, `sh`, for image volumes: docs/images.md.
FROM $TARGETARCH AS files
COPY deploy/image/ /image/

# One layer.
FROM scratch AS image
COPY --from=files /image/ /
LABEL org.opencontainers.image.title="epicac" \
      org.opencontainers.image.description="AWS container credentials for every SDK, by a sandboxed credential_process" \
      org.opencontainers.image.source="https://github.com/epicac/epicac" \
      org.opencontainers.image.licenses="Apache-2.0"
# By number: there is no /etc/passwd, and the kubelet can see that it is not root. The one that distroless and
# Chainguard images have, too.
USER 65532:65532
ENTRYPOINT ["/epicac"]
