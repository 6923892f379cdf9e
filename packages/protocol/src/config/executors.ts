import { invalidExecutorsConfig } from '../errors.ts'
import { isHttpUrl } from './http-url.ts'

interface TrainerPlace {
  /** Base models as the trainer finds them, by their name here: a folder of its machine, or a hub id. When absent, what `models` says. */
  models?: Readonly<Record<string, string>>
  /** The longest that one attempt may take, in hours; 24 when absent. The trainer's token is good for so long. */
  hours?: number
}

/** A process beside an edge on Node (`weft serve`). */
export interface LocalExecutorConfig extends TrainerPlace {
  kind: 'local'
  /** A Python that has `gpu-runner/peft`; `python3` when absent. */
  python?: string
  /** Where the process reaches this edge; where the edge listens when absent. */
  edge?: string
}

interface RemoteExecutor extends TrainerPlace {
  /** Where its API is. */
  url: string
  /** Where its trainers reach this edge. */
  edge: string
}

/** A Ray cluster, by its Jobs API: https://docs.ray.io/en/latest/cluster/running-applications/job-submission/rest.html */
export interface RayExecutorConfig extends RemoteExecutor {
  kind: 'ray'
  /** The variable that holds the cluster's token, where it asks for one. */
  token?: string
  /** Processes that train together, by Ray Train; 1 when absent, which is the job's own driver. */
  workers?: number
  /** GPUs and CPUs of each. */
  gpus?: number
  cpus?: number
}

/** Kubeflow Trainer v2, by Kubernetes' API: https://www.kubeflow.org/docs/components/trainer/ */
export interface KubeflowExecutorConfig extends RemoteExecutor {
  kind: 'kubeflow'
  namespace: string
  /** The variable that holds a service account's token. */
  token: string
  /** The trainer's image: gpu-runner/deploy/images/trainer.Dockerfile. */
  image: string
  /** A ClusterTrainingRuntime of the cluster; `torch-distributed` when absent. */
  runtime?: string
  /** Nodes that train together; 1 when absent. */
  nodes?: number
  /** GPUs of each, with a process for each of them; none when absent. */
  gpus?: number
}

/** Who trains, in place of a runner of Weft, the jobs that name it: see docs/operating/training-elsewhere.md. */
export type ExecutorConfig = LocalExecutorConfig | RayExecutorConfig | KubeflowExecutorConfig
export type ExecutorKind = ExecutorConfig['kind']
export type ExecutorsConfig = Readonly<Record<string, ExecutorConfig>>

const fields: Readonly<Record<ExecutorKind, { needs: readonly string[]; takes: readonly string[] }>> = {
  local: { needs: [], takes: ['python', 'edge'] },
  ray: { needs: ['url', 'edge'], takes: ['token', 'workers', 'gpus', 'cpus'] },
  kubeflow: { needs: ['url', 'edge', 'namespace', 'token', 'image'], takes: ['runtime', 'nodes', 'gpus'] },
}
const common = ['kind', 'models', 'hours']
const wholes = ['workers', 'nodes'] as const
const amounts = ['gpus', 'cpus', 'hours'] as const

/** That every executor is one, and that every field of it is read. Error `executors_config_invalid`. */
export function checkExecutors({ executors = {}, models }: { executors?: ExecutorsConfig; models: object }): void {
  for (const [name, executor] of Object.entries(executors)) checkExecutor(name, executor, models)
}

function checkExecutor(name: string, executor: ExecutorConfig, models: object): void {
  const at = `executors.${name}`
  if (!/^[a-z0-9][a-z0-9._-]{0,63}$/i.test(name))
    throw invalidExecutorsConfig(`${at}: a name has letters, digits, ".", "_" and "-", 64 at most, and begins with a letter or a digit`)
  const kinds = Object.keys(fields)
  if (!kinds.includes(executor.kind)) throw invalidExecutorsConfig(`${at}.kind: "${executor.kind}" is none; expected ${quoted(kinds)}`)
  const { needs, takes } = fields[executor.kind]
  const given = executor as unknown as Record<string, unknown>
  const known = [...common, ...needs, ...takes]
  const other = Object.keys(given).find((field) => !known.includes(field))
  if (other !== undefined) throw invalidExecutorsConfig(`${at}.${other}: no such field is read here; expected ${quoted(known)}`)
  const missing = needs.find((field) => typeof given[field] !== 'string' || given[field] === '')
  if (missing !== undefined) throw invalidExecutorsConfig(`${at}.${missing}: expected a text: an executor of kind "${executor.kind}" needs it`)
  for (const field of ['url', 'edge'])
    if (given[field] !== undefined && !isHttpUrl(String(given[field])))
      throw invalidExecutorsConfig(`${at}.${field}: "${given[field]}" is no URL; expected one such as "https://edge.example"`)
  if (given.token !== undefined && !/^[A-Z_][A-Z0-9_]*$/.test(String(given.token)))
    throw invalidExecutorsConfig(`${at}.token: expected the name of a variable, such as "RAY_TOKEN", and never the secret itself`)
  for (const field of wholes)
    if (given[field] !== undefined && !(Number.isSafeInteger(given[field]) && (given[field] as number) >= 1))
      throw invalidExecutorsConfig(`${at}.${field}: ${JSON.stringify(given[field])} is no number of them; expected a whole number from 1`)
  for (const field of amounts)
    if (given[field] !== undefined && !((given[field] as number) > 0 && Number.isFinite(given[field])))
      throw invalidExecutorsConfig(`${at}.${field}: ${JSON.stringify(given[field])}; expected a number above 0`)
  if (executor.kind === 'kubeflow' && executor.gpus !== undefined && !Number.isSafeInteger(executor.gpus))
    throw invalidExecutorsConfig(`${at}.gpus: ${executor.gpus}; a process has one of them whole, so expected a whole number`)
  const strange = Object.keys(executor.models ?? {}).find((model) => !Object.hasOwn(models, model))
  if (strange !== undefined) throw invalidExecutorsConfig(`${at}.models.${strange}: there is no such base model; expected ${quoted(Object.keys(models))}`)
}

const quoted = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(', ')
