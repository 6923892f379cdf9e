# A trainer of jobs that an executor starts (docs/operating/training-elsewhere.md), with PyTorch for CPUs and CUDA, from the repository's root:
#
#   docker build -f gpu-runner/deploy/images/trainer.Dockerfile -t weft-trainer .
#
# It serves nothing: it trains the job that its environment names, and ends.

FROM python:3.12-slim-bookworm
COPY gpu-runner/peft /weft/peft
RUN pip install --no-cache-dir -r /weft/peft/requirements.txt /weft/peft && mkdir /state && chown 1000:1000 /state
# What Hugging Face's libraries fetch; a volume there saves the next trainer the time.
ENV HF_HOME=/state/huggingface HOME=/state
WORKDIR /state
USER 1000:1000
ENTRYPOINT ["python", "-m", "weft_peft"]
