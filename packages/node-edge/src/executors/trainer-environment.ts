/** What Python, PyTorch and Hugging Face's libraries read. Everything else, and above all the edge's own secrets, is not the trainer's. */
const names = [
  'PATH',
  'HOME',
  'USER',
  'TMPDIR',
  'TEMP',
  'LANG',
  'TZ',
  'VIRTUAL_ENV',
  'CONDA_PREFIX',
  'LD_LIBRARY_PATH',
  'DYLD_LIBRARY_PATH',
  'SSL_CERT_FILE',
  'HTTPS_PROXY',
  'NO_PROXY',
  'SYSTEMROOT',
]
const prefixes = ['PYTHON', 'LC_', 'HF_', 'TRANSFORMERS_', 'TORCH', 'PYTORCH_', 'CUDA_', 'NVIDIA_', 'NCCL_', 'OMP_', 'MKL_', 'ROCR_', 'HIP_']

/** The part of an environment that a trainer gets. */
export const trainerEnvironment = (environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(environment).filter(([name]) => names.includes(name.toUpperCase()) || prefixes.some((prefix) => name.startsWith(prefix))))
