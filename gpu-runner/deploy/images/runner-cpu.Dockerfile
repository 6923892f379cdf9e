# A runner on CPUs, from the repository's root:
#
#   docker build -f gpu-runner/deploy/images/runner-cpu.Dockerfile -t weft-runner-cpu .
#   docker run -p 8790:8790 -e WEFT_RUNNER_TOKEN=… weft-runner-cpu

FROM node:26-bookworm-slim AS packages
WORKDIR /weft
COPY . .
# ONNX Runtime's library for the CPU is in the npm package; its install script, which fetches the one for CUDA, is not run.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund

FROM node:26-bookworm-slim
COPY --from=packages /weft /weft
# Where models are fetched to and fingerprints are kept; a volume there saves the second start the time.
RUN mkdir /state && chown 1000:1000 /state
ENV NODE_ENV=production
WORKDIR /weft
USER 1000:1000
EXPOSE 8790
HEALTHCHECK --interval=10s --start-period=60s CMD ["node", "-e", "fetch('http://127.0.0.1:8790/readyz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "gpu-runner/src/main.ts", "--config", "weft.config.ts"]
CMD ["--host", "0.0.0.0", "--port", "8790", "--state-dir", "/state", "--shutdown-timeout", "120"]
