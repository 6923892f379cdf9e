import type { ModelSpec } from '../model-spec.ts'
import type { AdapterState, FloatTensor, Tensor } from '../tensor.ts'

/** PEFT's `adapter_config.json`, snake_case as in the file. */
export type PeftConfig = Record<string, unknown>

/** How PEFT's checkpoint of a method maps to ours and back. Data only: hosts never ask which method it is. */
export interface PeftMapping<C = any> {
  /** `PROMPT_TUNING`, `PREFIX_TUNING`, … */
  peftType: string
  /** True when this checkpoint is this method's (two of ours may share a `peft_type`). All when absent. */
  accepts?(peft: PeftConfig): boolean
  /** Config from PEFT's. */
  configFrom(peft: PeftConfig): C
  /** PEFT's own fields of the config, the common ones (`num_layers`, …) are added by the host. */
  configTo(config: C): PeftConfig
  /** State from the tensors of `adapter_model.safetensors`. */
  stateFrom(tensors: Record<string, Tensor>, config: C, model: ModelSpec): AdapterState
  /** The tensors PEFT would save for this state. */
  stateTo(state: AdapterState, config: C, model: ModelSpec): Record<string, FloatTensor>
  /** Our parameter's name → PEFT's, for checkpoints of trainable parameters: `prompt_encoder.default.embedding.weight`. */
  params: Record<string, PeftParam>
}

/** One parameter under PEFT's name. Shapes are equal unless the two conversions say otherwise. */
export interface PeftParam {
  name: string
}
