import { peftUnknownFields } from '../errors.ts'
import type { Plugin } from '../plugin.ts'
import type { PeftConfig } from './mapping.ts'

/** What every config of PEFT's may say: what the host reads, and what computes nothing. */
const common = [
  ...['auto_mapping', 'base_model_name_or_path', 'inference_mode', 'modules_to_save', 'peft_type', 'peft_version', 'revision', 'task_type'],
  ...['num_attention_heads', 'num_layers', 'num_transformer_submodules', 'token_dim', 'tokenizer_kwargs', 'tokenizer_name_or_path'],
]

/**
 * A method's config from PEFT's. What its mapping does not read, and does not name as training's alone, may compute something else: such a field must be
 * empty. Error 422 `peft_unsupported`.
 */
export function configFromKnown({ peft: mapping }: Plugin, peft: PeftConfig): object {
  const known = new Set([...common, ...(mapping!.trainingOnly ?? [])])
  const config = mapping!.configFrom(
    new Proxy(peft, {
      get(target, field: string) {
        known.add(field)
        return target[field]
      },
    }),
  )
  const unknown = Object.keys(peft).filter((field) => !known.has(field) && says(peft[field]))
  if (unknown.length) throw peftUnknownFields(unknown)
  return config as object
}

const says = (value: unknown): boolean => (typeof value === 'object' && value !== null ? Object.keys(value).length > 0 : Boolean(value))
