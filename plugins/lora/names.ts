/** Parameters of a module by name: PEFT's, without what it puts in front and the adapter's name. */
export const names = (module: string) => ({
  /** `[R,in]` */
  a: `${module}.lora_A`,
  /** `[out,R]` */
  b: `${module}.lora_B`,
  /** DoRA's m, `[out]`. */
  magnitude: `${module}.lora_magnitude_vector`,
  /** An adapted layer's trained bias, `[out]`. */
  bias: `${module}.base_layer.bias`,
  /** A trained bias of a layer that is not adapted. */
  lone: `${module}.trained_bias`,
  /** Frozen. */
  baseWeight: `${module}.weight`,
  baseBias: `${module}.bias`,
})

const ofLone = /^(.*)\.trained_bias$/
const ofPair = /\.lora_[AB]$/

/** The module whose bias is trained alone under this name. */
names.ofLone = (param: string): string | undefined => ofLone.exec(param)?.[1]

/** PEFT's name of a parameter in a model that trains; undefined for frozen ones. */
names.inModel = (param: string): string | undefined => {
  const lone = names.ofLone(param)
  if (lone) return `base_model.model.${lone}.bias`
  if (ofPair.test(param) || param.endsWith('.lora_magnitude_vector')) return `base_model.model.${param}.default.weight`
  return param.endsWith('.base_layer.bias') ? `base_model.model.${param}` : undefined
}

/** Its name in `adapter_model.safetensors`. */
names.inFile = (param: string): string => {
  const lone = names.ofLone(param)
  if (lone) return `base_model.model.${lone}.bias`
  return `base_model.model.${param}${ofPair.test(param) ? '.weight' : ''}`
}

/** What it was called in files of PEFT before layers were wrapped. */
names.olderInFile = (param: string): string | undefined =>
  param.endsWith('.base_layer.bias') ? `base_model.model.${param.replace('.base_layer.bias', '.bias')}` : undefined
