import type { RawConfig } from '../config.ts'
import { unsupportedArchitecture, unsupportedConfig } from '../errors.ts'
import type { Architecture } from './architecture.ts'
import { gemma3 } from './decoders/gemma3.ts'
import { gpt2 } from './decoders/gpt2.ts'
import { granite } from './decoders/granite.ts'
import { llama } from './decoders/llama.ts'
import { mistral } from './decoders/mistral.ts'
import { olmo2 } from './decoders/olmo2.ts'
import { phi3 } from './decoders/phi3.ts'
import { qwen2 } from './decoders/qwen2.ts'
import { qwen3 } from './decoders/qwen3.ts'
import { smollm3 } from './decoders/smollm3.ts'
import { mt5 } from './encoder-decoders/mt5.ts'
import { t5 } from './encoder-decoders/t5.ts'
import { bert } from './encoders/bert.ts'
import { distilbert } from './encoders/distilbert.ts'
import { electra } from './encoders/electra.ts'
import { mpnet } from './encoders/mpnet.ts'
import { camembert, roberta, xlmRoberta } from './encoders/roberta.ts'

/** Every architecture: one file, one line here. */
export const architectures: readonly Architecture[] = [
  llama,
  qwen2,
  qwen3,
  smollm3,
  olmo2,
  granite,
  mistral,
  phi3,
  gemma3,
  gpt2,
  bert,
  roberta,
  xlmRoberta,
  camembert,
  distilbert,
  electra,
  mpnet,
  t5,
  mt5,
]

/** The architecture of a config.json; throws `unsupported_architecture`, or `unsupported_config` for quantized weights, before any is read. */
export function architectureOf({ modelType, quantization }: Pick<RawConfig, 'modelType' | 'quantization'>): Architecture {
  const found = architectures.find((architecture) => architecture.modelTypes.includes(modelType))
  if (!found)
    throw unsupportedArchitecture(
      modelType,
      architectures.flatMap((architecture) => architecture.modelTypes),
    )
  if (quantization !== undefined)
    throw unsupportedConfig('quantization_config', quantization, 'float32, float16 and bfloat16 weights. Take the checkpoint that this one was made from')
  return found
}

/** Builds the model's shape from config.json's content. */
export function modelShape(raw: RawConfig, where?: string) {
  const architecture = architectureOf(raw)
  const config = architecture.config(raw.json, where)
  return { architecture, config, spec: architecture.spec(config) }
}
