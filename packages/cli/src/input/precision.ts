import { Option } from 'commander'

/** The names of `packages/model/src/precision/precision.ts`, which a command line does not load to say what it takes. */
export const precisions = ['float32', 'float16', 'bfloat16', 'int8', 'int4']

/** In what a model's frozen weights are held. */
export const precision = (): Option =>
  new Option('--precision <name>', 'how the frozen weights are held; int8 and int4 are quantized on the fly (default: float32)').choices(precisions)
