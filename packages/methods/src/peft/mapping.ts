import type { AdapterState, FloatTensor, ModelSpec } from '@weft/adapters'

/** PEFT's `adapter_config.json`, snake_case as in the file. */
export type PeftConfig = Record<string, unknown>

/** Where prompts start from that PEFT's config has no word for: embeddings, or keys and values, of training rows, of a text or of words of the vocabulary. */
export interface PeftStart {
  from: 'training_text' | 'text' | 'vocabulary'
  text?: string
}

/** How PEFT's checkpoint of a method maps to ours and back. Import and export use this mapping and never ask which method it is. */
export interface PeftMapping<C = any> {
  /** `PROMPT_TUNING`, `PREFIX_TUNING`, … */
  peftType: string
  /** Whether checkpoints of that type are imported as this method; true when absent. */
  imports?: boolean
  /** PEFT's names of our parameters, as its trainable state dict has them: `prompt_encoder.default.embedding.weight`. */
  params: Readonly<Record<string, string>> | ((param: string, model: ModelSpec) => string | undefined)
  /** What stands before the name of a module that is saved whole (the head): `base_model`, unless the method wraps the model's layers. */
  modulePrefix?: string
  /** Fields of PEFT's config that matter only while training: a finished checkpoint is imported without them. */
  trainingOnly?: readonly string[]
  /** Where training with PEFT starts from, and the fields of our config that say it. */
  start?: { fields: readonly string[]; of(config: C): PeftStart | undefined }
  /** Our config from PEFT's. A field that it does not read is refused where it says anything, unless `trainingOnly` names it. */
  configFrom(peft: PeftConfig): unknown
  /** This method's fields of PEFT's config; the host adds the common ones. */
  configTo(config: C, model: ModelSpec): PeftConfig
  /** Site tensors from those of `adapter_model.safetensors`; for methods whose file holds state. */
  stateFrom?(tensors: Readonly<Record<string, FloatTensor>>, config: C, model: ModelSpec): AdapterState
  /** Trainable parameters from those tensors; for methods whose file holds parameters. The host encodes them to state. */
  paramsFrom?(tensors: Readonly<Record<string, FloatTensor>>, config: C, model: ModelSpec): Record<string, FloatTensor>
  /** The tensors PEFT saves. `params` are the trainable parameters, where the file has them or the state gives them back. */
  stateTo(state: AdapterState, config: C, model: ModelSpec, params: Readonly<Record<string, FloatTensor>>): Record<string, FloatTensor>
}
