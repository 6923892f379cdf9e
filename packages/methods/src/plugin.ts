import {
  type AdapterState,
  describeIssues,
  type FloatTensor,
  type LoadedAdapter,
  type ModelSpec,
  type SiteName,
  type SiteState,
  type SiteValues,
  type TaskType,
  type Tensor,
} from '@weft/adapters'
import type { GraphBuilder, Value } from '@weft/graph'
import type { $ZodType, output } from 'zod/v4/core'
import { checkDefinition } from './checks/check-definition.ts'
import { readConfig } from './config/read-config.ts'
import { invalidConfig } from './errors.ts'
import type { MethodHyperparameters } from './hyperparameters.ts'
import type { Initializer } from './initializers.ts'
import type { PeftMapping } from './peft/mapping.ts'
import type { SearchSpace } from './search-space.ts'

/** One parameter of a method. Frozen ones are inputs of `encode` that the optimizer leaves alone (a trunk prompt). */
export interface Param {
  /** Whole numbers of at least 1; what is trained is float32. */
  shape: number[]
  /** Gives as many values as the shape has. */
  init: Initializer
  trainable: boolean
  /** Factor on the learning rate; 1 when absent. */
  lrScale?: number
}

/** A trainable parameter; `{ trainable: false }` for one that is only read. `lrScale` multiplies its learning rate. */
export const param = (shape: number[], init: Initializer, options: { trainable?: boolean; lrScale?: number } = {}): Param => ({
  shape,
  init,
  trainable: options.trainable ?? true,
  ...(options.lrScale !== undefined && { lrScale: options.lrScale }),
})

/**
 * A method: everything that the edge, training and export need to know of it, and nothing about any model's code. `encode` is
 * written against the graph builder. Training differentiates it; export runs it once.
 */
export interface PluginDefinition<C = any, P extends Record<string, Param> = Record<string, Param>> {
  /** Kebab-case; the method's name on the wire and in manifests. */
  id: string
  /** One sentence for people. */
  description?: string
  /** The address of what it is described in. */
  paper?: string
  /** Where this method's state acts. Classifier heads are added by training and not listed. */
  sites: readonly SiteName[]
  /** Tasks it can be trained for; all when absent. */
  tasks?: readonly TaskType[]
  /** Those that a config leaves of them; all of them when absent. */
  tasksOf?: (config: C) => readonly TaskType[] | undefined
  /** A zod schema: names (PEFT's, in camelCase), ranges, defaults. */
  config: $ZodType<C>
  /**
   * Shapes and initial values, by name. `required` holds the adapters that `requires` names, in its order. It is called for shapes alone too, and gives the same
   * for the same config and model.
   */
  params: (config: C, model: ModelSpec, required: readonly LoadedAdapter[]) => P
  /**
   * Parameters to site tensors, as a differentiable graph: float32 of the shapes that docs/contracts/sites.md gives, by site and name, such as
   * `{ inputsEmbeds: { rows } }` with `rows [P,H]`. A site that `sites` does not list, or a tensor that it does not take, is refused with `plugin_failed`.
   */
  encode: (g: GraphBuilder, params: { [K in keyof P]: Value }, config: C, model: ModelSpec) => SiteValues
  /**
   * `encode` for a batch whose rows are of different tasks over the same parameters, where a method has such: `taskIds [B]`, int64. Rows of
   * `inputsEmbeds` come out as `[B,P,H]`.
   */
  encodeBatch?: (g: GraphBuilder, params: { [K in keyof P]: Value }, taskIds: Value, config: C, model: ModelSpec) => SiteValues
  /** How many such tasks there are. */
  numTasks?: (config: C) => number
  /** A config that says something in text with that text's tokens by the base model's tokenizer: what is trained, and stored, is in tokens. */
  tokenized?: (config: C, tokens: (text: string) => readonly number[]) => C
  /** Texts that the adapter waits for: in rows that hold none of them, nothing is learned. */
  awaits?: (config: C) => readonly string[]
  /** Refuses, by throwing, what a training shall not be asked for on this model, and what an adapter that is there may say all the same. */
  asked?: (config: C, model: ModelSpec) => void
  /** False where the config is all that there is, and nothing to train (`text`). */
  trains?: false
  /** State that is known without training (a text, the tokens that an adapter waits for); merged with what `encode` gives, in training as when it is served. */
  constants?: (config: C) => AdapterState
  /** Parameters back from state, bit for bit, where `encode` can be undone: then only the state is stored. */
  decode?: (state: AdapterState, config: C, model: ModelSpec) => Readonly<Record<string, Tensor>> | undefined
  /** References of adapters that training needs. */
  requires?: (config: C) => string[]
  /** Where each of them has to act, so that others are refused before a job is made. */
  requiredSite?: SiteName
  /** What this method is trained with where the request says nothing else: a rate that suits it, before the deployment's defaults for all methods. */
  hyperparameters?: MethodHyperparameters
  /** Where its best settings have been found. `weft bench defaults` trains at every point, and compares the defaults with the best. */
  searchSpace?: SearchSpace
  /** Where it can be computed from contrastive pairs. */
  fromPairs?: FromPairs<C>
  /** Where it can be computed from documents. */
  fromDocument?: FromDocument<C>
  /** PEFT's checkpoint ⇄ this method's parameters and state. */
  peft?: PeftMapping<C>
}

/**
 * Parameters that are computed from contrastive pairs without gradients: from the mean difference of the residual stream, behind layers, at the last tokens
 * of texts that show something and of texts that show its opposite (Rimsky et al. 2024, https://arxiv.org/abs/2312.06681).
 */
export interface FromPairs<C> {
  /** Behind which layers the stream is compared, each once, in order. It refuses what pairs cannot give. */
  layers: (config: C, model: ModelSpec) => number[]
  /** The config of the adapter that these layers make. */
  config: (config: C, layers: readonly number[]) => C
  /** @param differences `[H]` of each layer */
  params: (differences: ReadonlyMap<number, FloatTensor>) => Record<string, FloatTensor>
}

/** Parameters that are computed from documents: keys and values by which attention sees what it saw of all their tokens (https://arxiv.org/abs/2602.16284). */
export interface FromDocument<C> {
  /** How many keys shall stand for the documents. */
  tokens: (config: C) => number
  /** Whether they get biases; they do when absent. */
  biases?: (config: C) => boolean
  /** The config of the adapter that this state of `keyValue` makes: it may have fewer keys than were asked for, and no biases. */
  config: (config: C, state: SiteState) => C
  /** @param state `prefix [L,2,K,P,D]`, `keyBias [L,K,P]` if any */
  params: (state: SiteState) => Record<string, FloatTensor>
}

/** A plugin whose types have been forgotten: what registries and hosts hold. */
export type Plugin = PluginDefinition<any, any>

/** Checks the definition's form and returns it as is; types flow from `config` to `params` to `encode`. Error 500 `invalid_plugin`. */
export function definePlugin<S extends $ZodType, const P extends Record<string, Param>>(
  definition: Omit<PluginDefinition<output<S>, P>, 'config'> & { config: S },
): PluginDefinition<output<S>, P> {
  checkDefinition(definition)
  return definition as PluginDefinition<output<S>, P>
}

/**
 * Validates a method's config, filling defaults in: what the schema does not know is refused, also where it would drop it. Error 400 `invalid_config`, with `param` on the wire's spelling.
 * @example parseConfig(promptTuning, { numVirtualTokens: 20 })
 */
export function parseConfig<C>(plugin: PluginDefinition<C, any>, config: unknown, param = `method.${plugin.id}`): C {
  const { data, error } = readConfig<C>(plugin, config ?? {})
  if (!error) return data
  throw invalidConfig(plugin.id, describeIssues(error.issues, param, plugin.config as $ZodType<C>))
}
