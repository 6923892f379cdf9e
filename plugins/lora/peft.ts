import { type PeftConfig, type PeftMapping, peftTensor } from '@weft/methods'
import { peftUnsupported } from '@weft/methods/errors'
import { defaultTargets, type LoraConfig } from './config.ts'
import { ofTransposed } from './dora.ts'
import { names } from './names.ts'
import { params } from './params.ts'

/** What a start and a layout of the training are made of. */
const training = [
  ...['lora_dropout', 'loftq_config', 'eva_config', 'corda_config', 'lora_ga_config', 'runtime_config', 'ensure_weight_tying'],
  // Always there, and read beside `megatron_config` of a training and beside `use_qalora` alone.
  ...['megatron_config', 'megatron_core', 'qalora_group_size'],
]

/** Starts that change the frozen weights too: without those weights, the tensors mean nothing. */
const changing = /^(pissa|corda|olora|loftq|mica|lora_ga)/i

/** LoRA's file holds its parameters. */
export const peft: PeftMapping<LoraConfig> = {
  peftType: 'LORA',
  modulePrefix: 'base_model.model',
  params: (param) => names.inModel(param),
  trainingOnly: training,
  configFrom: (peft) => {
    const start = peft.init_lora_weights ?? true
    if (typeof start === 'string' && changing.test(start)) {
      throw peftUnsupported(
        `init_lora_weights "${start}" changes the base model; convert it first: save_pretrained(…, path_initial_model_for_weight_conversion=…)`,
      )
    }
    return {
      // What is absent has PEFT's default, and null is refused: PEFT cannot load it.
      r: peft.r,
      loraAlpha: peft.lora_alpha,
      targetModules: peft.target_modules ?? null,
      excludeModules: emptyAsNull(peft.exclude_modules),
      useRslora: peft.use_rslora ?? false,
      useDora: peft.use_dora ?? false,
      rankPattern: peft.rank_pattern ?? {},
      alphaPattern: peft.alpha_pattern ?? {},
      bias: peft.bias,
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
