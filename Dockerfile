# An image with one file in it, to copy from, to mount, or to run as an init container:
#
#   cargo xtask dist
#   docker buildx build --platform linux/amd64,linux/arm64 --tag epicac .
#
# The stages of the image run nothing, so both platforms are built on a machine of either kind, without an
# emulator. With `--build-arg DIST=build` the release is built in a container, too.
ARG DIST=prebuilt

# What `cargo xtask dist` made.
FROM scratch AS prebuilt
COPY dist/ /dist/

FROM --platform=$BUILDPLATFORM rust:1.95-bookworm AS build
WORKDIR /epicac
COPY . .
RUN cargo xtask dist && mv dist /dist

FROM $DIST AS dist

# BuildKit's names of the platforms are not those of Rust. `--chmod`: a file that came through a CI's
# artifacts has lost its mode.
FROM scratch AS amd64
COPY --from=dist --chmod=0755 /dist/epicac-x86_64 /epicac

FROM scratch AS arm64
COPY --from=dist --chmod=0755 /dist/epicac-aarch64 /epicac

FROM $TARGETARCH AS image
LABEL org.opencontainers.image.title="epicac" \
      org.opencontainers.image.description="AWS container credentials for every SDK, by a sandboxed credential_process" \
      org.opencontainers.image.source="https://github.com/epicac/epicac" \
      org.opencontainers.image.licenses="Apache-2.0"
# By number: there is no /etc/passwd, and the kubelet can see that it is not root. The one that distroless and
# Chainguard images have, too.
USER 65532:65532
ENTRYPOINT ["/epicac"]
