# A runner on NVIDIA cards with CUDA 13, from the repository's root:
#
#   docker build -f gpu-runner/deploy/images/runner-cuda.Dockerfile -t weft-runner-cuda .
#   docker run --gpus all -p 8790:8790 -e WEFT_RUNNER_TOKEN=… -v /models:/models:ro weft-runner-cuda \
#     --host 0.0.0.0 --port 8790 --model /models/my-model --precision bfloat16
#
# The runner says in its first log line and in /health which device it took and why; `--device cuda` makes it refuse to start on anything else.

FROM node:26-bookworm-slim AS node

# ONNX Runtime's CUDA 13 build comes as a Python wheel; its three libraries are all that is taken of it.
FROM python:3.12-slim AS onnxruntime
ARG ORT_VERSION=1.31.1
RUN pip download --no-cache-dir -q --no-deps -d /wheel "onnxruntime-gpu==${ORT_VERSION}" \
 && python -c "import glob, zipfile; [archive.extract(name, '/out') for archive in [zipfile.ZipFile(glob.glob('/wheel/*.whl')[0])] for name in archive.namelist() if '/capi/libonnxruntime' in name]" \
 && mkdir /ort && find /out -name 'libonnxruntime*' -exec mv {} /ort/ \; \
 && ln -s "libonnxruntime.so.${ORT_VERSION}" /ort/libonnxruntime.so \
 && test -f /ort/libonnxruntime_providers_cuda.so

FROM node AS packages
WORKDIR /weft
COPY . .
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund

# cuBLAS, cudart, cuRAND and cuDNN 9 are what the provider links to.
FROM nvidia/cuda:13.0.1-cudnn-runtime-ubuntu24.04
COPY --from=node /usr/local/bin/node /usr/local/bin/node
COPY --from=onnxruntime /ort /opt/onnxruntime
COPY --from=packages /weft /weft
# Where models are fetched to and fingerprints are kept; a volume there saves the second start the time.
RUN mkdir /state && chown 1000:1000 /state
ENV WEFT_ORT_LIBRARY=/opt/onnxruntime/libonnxruntime.so LD_LIBRARY_PATH=/opt/onnxruntime:$LD_LIBRARY_PATH NODE_ENV=production
WORKDIR /weft
USER 1000:1000
EXPOSE 8790
HEALTHCHECK --interval=10s --start-period=120s CMD ["node", "-e", "fetch('http://127.0.0.1:8790/readyz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "gpu-runner/src/main.ts", "--config", "weft.config.ts"]
CMD ["--host", "0.0.0.0", "--port", "8790", "--state-dir", "/state", "--shutdown-timeout", "120"]
