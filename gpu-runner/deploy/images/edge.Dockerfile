# The edge on Node, from the repository's root:
#
#   docker build -f gpu-runner/deploy/images/edge.Dockerfile -t weft-edge .
#   docker run -p 8787:8787 -e API_KEY_SHA256=… -e RUNNER_URL=http://runner:8790 -e RUNNER_TOKEN=… weft-edge \
#     --host 0.0.0.0 --port 8787 --database postgres://… --storage s3://weft

FROM node:26-bookworm-slim AS packages
WORKDIR /weft
COPY . .
# The console is built to files, by what no server needs.
RUN npm ci --ignore-scripts --no-audit --no-fund && npm run -s build:console && npm prune --omit=dev --ignore-scripts --no-audit --no-fund

FROM node:26-bookworm-slim
COPY --from=packages /weft /weft
ENV NODE_ENV=production
WORKDIR /weft
USER 1000:1000
EXPOSE 8787
HEALTHCHECK --interval=10s --start-period=30s CMD ["node", "-e", "fetch('http://127.0.0.1:8787/health').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "packages/cli/bin/weft.mjs", "serve"]
CMD ["--host", "0.0.0.0", "--port", "8787"]
