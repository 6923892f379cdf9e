import { checkDefinition, type HyperparametersInput, type Plugin, usualHyperparameters } from '@weft/methods'
import { duplicatePlugin } from '@weft/methods/errors'
import { checkShape } from './config/config-shape.ts'
import { checkExecutors, type ExecutorsConfig } from './config/executors.ts'
import { checkModels } from './config/models.ts'
import { checkPublishing, type PublishConfig } from './config/publishing.ts'
import { checkRoutes } from './config/routes.ts'
import { checkRunner, type RunnerConfig } from './config/runner.ts'
import { type RunnersConfig, runnerPools } from './config/runners.ts'
import { checkSigning, type SigningConfig } from './config/signing.ts'
import { checkTenants, type OidcConfig } from './config/tenants.ts'
import { defaultMethodUnknown, defaultsNotReached } from './errors.ts'
import { checkConfiguredPolicies } from './policy/check-config.ts'
import type { PutRoute, RouteDefaults } from './wire/adapters/routes.ts'
import type { Policy } from './wire/policy/policy.ts'

/** A base model: a folder or package with a Hugging Face checkpoint, or a hub id. */
interface ModelConfig {
  /** A folder, or a workspace package that holds one; relative to the config file. */
  path?: string
  /** A Hugging Face hub id, downloaded on first use: `HuggingFaceTB/SmolLM2-135M-Instruct`. */
  hub?: string
  /** Branch, tag or commit of the hub repository. */
  revision?: string
  /** How its weights are held and computed with; float32 when absent. Quantized on the fly where the checkpoint is not. */
  precision?: 'float32' | 'float16' | 'bfloat16' | 'int8' | 'int4'
}

/** A named endpoint, as `PUT /v1/routes/{name}` takes it: what it composes, the defaults of its requests, its policy. */
export type RouteConfig = PutRoute

/** What a deployment says of one tenant; its keys, names and files are made over the API. */
export interface TenantConfig {
  /** Nobody of it is let in. */
  suspended?: boolean
  /** Prefixes of its adapters' names that others may read, under the same names. `*` is every tenant. */
  shares?: readonly { prefix: string; readers: readonly string[] }[]
  /** What its requests may ask. One that was PUT over the API takes this one's place. */
  policy?: Policy
}

interface StorageConfig {
  /** Folder of all local state. */
  state?: string
}

interface ResponsesConfig {
  /** Days that answers of `/v1/responses` are kept, counted from the last that went on from them; 30 when absent, and 0 keeps none. */
  retentionDays?: number
}

export interface WeftConfig {
  /** Base models by the name requests use. The first is the default of expressions that name none. */
  models: Record<string, ModelConfig>
  /** Methods that can be trained. Adding one is an import and an entry here. */
  plugins: readonly Plugin[]
  /** Routes that exist from the start; others are made over the API. */
  routes?: Record<string, RouteConfig>
  /** Who shares this deployment, by name. A tenant that is not here needs no more than a key. */
  tenants?: Record<string, TenantConfig>
  /** An issuer whose tokens are let in beside keys. */
  oidc?: OidcConfig
  /** Origins of pages that may ask the edge from a browser: `https://app.example`. A local start allows pages of this machine besides. */
  origins?: readonly string[]
  /** What a new version of an adapter must pass before its bare name stands for it. */
  publish?: PublishConfig
  /** Whose signatures on adapters are trusted, and for which names one is asked. */
  signing?: SigningConfig
  runner?: RunnerConfig
  /** Where the edge finds several runners, in place of the one of `RUNNER_URL`; see docs/operating/many-runners.md. */
  runners?: RunnersConfig
  /** Who else trains, by name: a job says which with `executor`. */
  executors?: ExecutorsConfig
  storage?: StorageConfig
  responses?: ResponsesConfig
  /** Defaults of all requests. */
  defaults?: {
    sampling?: RouteDefaults
    /** Of all methods; what one of them brings of its own is refused here (`defaults_not_reached`). A method's own are changed where it is listed: `{ ...lora, hyperparameters: { learningRate: 1e-3 } }`. */
    hyperparameters?: HyperparametersInput
    /** The method of training jobs that name none, by its id; the first of `plugins` when absent. */
    method?: string
  }
}

/** Types a `weft.config.ts`, and checks that everything in it is read, and what contradicts itself: plugin ids that stand twice, keys that are none, names of routes, policies. */
export function defineConfig<const C extends WeftConfig>(config: C): C {
  checkShape(config)
  checkModels(config)
  const seen = new Set<string>()
  for (const plugin of config.plugins) {
    const { id } = plugin
    checkDefinition(plugin)
    if (seen.has(id)) throw duplicatePlugin(id)
    seen.add(id)
  }
  if (config.publish) checkPublishing(config.publish)
  if (config.signing) checkSigning(config.signing)
  if (config.runners) runnerPools(config.runners)
  checkDefaults(config)
  checkRunner(config)
  checkExecutors(config)
  checkTenants(config)
  checkRoutes(config)
  checkConfiguredPolicies(config)
  return config
}

/** What a method brings of its own goes before the deployment's, which would then be read by nobody; and a job's method is one of those that are listed. */
function checkDefaults({ defaults, plugins }: WeftConfig): void {
  const ids = plugins.map(({ id }) => id)
  if (defaults?.method !== undefined && !ids.includes(defaults.method)) throw defaultMethodUnknown(defaults.method, ids)
  for (const name of Object.keys(defaults?.hyperparameters ?? {})) {
    const own = plugins.filter((plugin) => Object.hasOwn(usualHyperparameters(plugin), name))
    if (own.length > 0)
      throw defaultsNotReached(
        name,
        own.map(({ id }) => id),
      )
  }
}
