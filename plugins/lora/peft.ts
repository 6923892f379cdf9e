import { type PeftConfig, type PeftMapping, peftTensor } from '@weft/methods'
import { peftUnsupported } from '@weft/methods/errors'
import { defaultTargets, type LoraConfig } from './config.ts'
import { ofTransposed } from './dora.ts'
import { names } from './names.ts'
import { params } from './params.ts'

/** Settings of PEFT's that change what a layer computes in ways that are not built here. */
const unsupported = [
  'lora_bias',
  'use_qalora',
  'use_bdlora',
  'layer_replication',
  'arrow_config',
  'target_parameters',
  'trainable_token_indices',
  'velora_config',
  'kasa_config',
  'monteclora_config',
]

/** Starts that change the frozen weights too: without those weights, the tensors mean nothing. */
const changing = /^(pissa|corda|olora|loftq|mica|lora_ga)/i

const given = (value: unknown): boolean => (typeof value === 'object' && value !== null ? Object.keys(value).length > 0 : Boolean(value))

/** LoRA's file holds its parameters. */
export const peft: PeftMapping<LoraConfig> = {
  peftType: 'LORA',
  modulePrefix: 'base_model.model',
  params: (param) => names.inModel(param),
  trainingOnly: ['lora_dropout'],
  configFrom: (peft) => {
    const other = unsupported.filter((field) => given(peft[field]))
    if (other.length) throw peftUnsupported(`its ${other.join(', ')} ${other.length > 1 ? 'are' : 'is'} not supported`)
    const start = peft.init_lora_weights ?? true
    if (typeof start === 'string' && changing.test(start)) {
      throw peftUnsupported(
        `init_lora_weights "${start}" changes the base model; convert it first: save_pretrained(…, path_initial_model_for_weight_conversion=…)`,
      )
    }
    return {
      r: peft.r ?? 8,
      loraAlpha: peft.lora_alpha ?? 8,
      targetModules: peft.target_modules ?? null,
      excludeModules: emptyAsNull(peft.exclude_modules),
      useRslora: peft.use_rslora ?? false,
      useDora: peft.use_dora ?? false,
      rankPattern: peft.rank_pattern ?? {},
      alphaPattern: peft.alpha_pattern ?? {},
      bias: peft.bias ?? 'none',
      // Starts that only choose better values (eva, orthogonal) are starts like any other once it is trained.
      initLoraWeights: typeof start === 'boolean' ? start : start === 'gaussian' ? 'gaussian' : true,
      layersToTransform: emptyAsNull(peft.layers_to_transform),
      layersPattern: emptyAsNull(peft.layers_pattern),
      // An empty list makes a plain LoRA of PEFT's.
      aloraInvocationTokens: emptyAsNull(peft.alora_invocation_tokens),
      loraDropout: peft.lora_dropout ?? 0,
      fanInFanOut: peft.fan_in_fan_out ?? false,
    }
  },
  configTo: (config, model): PeftConfig => ({
    r: config.r,
    lora_alpha: config.loraAlpha,
    lora_dropout: 0,
    bias: config.bias,
    target_modules: allLinear(config.targetModules) ? Object.keys(model.modules) : (config.targetModules ?? defaultTargets(model)),
    exclude_modules: config.excludeModules,
    use_rslora: config.useRslora,
    use_dora: config.useDora,
    rank_pattern: config.rankPattern,
    alpha_pattern: config.alphaPattern,
    init_lora_weights: config.initLoraWeights,
    layers_to_transform: config.layersToTransform,
    layers_pattern: config.layersPattern,
    fan_in_fan_out: ofTransposed(model),
    alora_invocation_tokens: config.aloraInvocationTokens,
  }),
  paramsFrom: (tensors, config, model) =>
    Object.fromEntries(
      Object.entries(params(config, model))
        .filter(([, { trainable }]) => trainable)
        .map(([param]) => {
          const older = names.olderInFile(param)
          return [param, peftTensor(tensors, older !== undefined && Object.hasOwn(tensors, older) ? older : names.inFile(param))]
        }),
    ),
  stateTo: (_, __, ___, params) => Object.fromEntries(Object.entries(params).map(([param, tensor]) => [names.inFile(param), tensor])),
}

const allLinear = (target: LoraConfig['targetModules']): boolean => typeof target === 'string' && target.toLowerCase() === 'all-linear'
const emptyAsNull = (value: unknown): unknown => (value === undefined || value === '' || (Array.isArray(value) && !value.length) ? null : value)
