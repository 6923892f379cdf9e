import { type Issue, nearest, WeftError } from '@weft/adapters'
import { quoted } from '@weft/adapters/error-text'

// Configuration

export const invalidConfiguration = (issues: readonly Issue[]) =>
  new WeftError('config_invalid', issues.map(({ param, message }) => (param ? `${param}: ${message}` : message)).join('; '), {
    status: 500,
    fault: 'caller',
    param: issues[0]!.param,
    details: { issues },
  })
export const invalidPublishConfig = (why: string) => new WeftError('publish_config_invalid', why, { status: 500, fault: 'caller' })
export const invalidRunnersConfig = (why: string) => new WeftError('runners_config_invalid', why, { status: 500, fault: 'caller' })
export const invalidExecutorsConfig = (why: string) => new WeftError('executors_config_invalid', why, { status: 500, fault: 'caller' })
export const invalidSigningConfig = (why: string) => new WeftError('signing_config_invalid', why, { status: 500, fault: 'caller' })
export const invalidRoutesConfig = (why: string) => new WeftError('routes_config_invalid', why, { status: 500, fault: 'caller' })
export const defaultsNotReached = (name: string, methods: readonly string[]) =>
  new WeftError(
    'defaults_not_reached',
    `defaults.hyperparameters.${name} would not reach ${quoted(methods)}: each of them brings its own. Leave it out, and set it where a method is listed: { ...method, hyperparameters: { ${name}: … } }`,
    { status: 500, fault: 'caller', details: { name, methods } },
  )

export const defaultMethodUnknown = (method: string, methods: readonly string[]) =>
  new WeftError(
    'method_not_found',
    `defaults.method is "${method}", and none of the plugins is called so; there are ${quoted(methods)}. Name one of them, or list the plugin.`,
    { status: 500, fault: 'caller', details: { name: method, suggestions: nearest(method, methods) } },
  )

// Tasks and heads

export const taskNotOfBase = (task: string, architecture: string, tasks: readonly string[]) =>
  new WeftError(
    'task_not_of_base',
    `a ${architecture} base cannot do ${task}; it can do ${tasks.map((able) => `${able}${rowsOf[able] ? ` (rows of ${rowsOf[able]})` : ''}`).join(', ')}. Give rows for that, or choose another base`,
    { param: 'model', details: { task, architecture, tasks } },
  )
const rowsOf: Record<string, string> = {
  CAUSAL_LM: '{"text"}, {"prompt", "completion"} or {"messages"}',
  SEQ_2_SEQ_LM: '{"prompt", "completion"}',
  SEQ_CLS: '{"text", "label"}',
  TOKEN_CLS: '{"tokens", "labels"}',
}

// Training files

/** Which of a job's files. */
export type TrainingFileName = 'training' | 'validation' | 'reference'

/** Where in a job's files: `line` counts from 1, and blank lines count. */
export interface Place {
  file?: TrainingFileName
  line?: number | undefined
}

/** The request's field that names each file. */
const paramOf: Record<TrainingFileName, string> = { training: 'training_file', validation: 'validation_file', reference: 'foreign_file' }

/** An error in a file of rows. The codes are the same for every file; `param` says which it is. */
export const trainingFileError = (code: string, { file = 'training', line }: Place, why: string) =>
  new WeftError(code, line === undefined ? `${file} file: ${why}` : `${file} file, line ${line}: ${why}`, {
    param: paramOf[file],
    ...(line === undefined ? {} : { details: { line } }),
  })

// Probes

export const probesHoldLabels = (row: number, field: string) =>
  new WeftError(
    'probes_hold_labels',
    `Probe ${row} has an answer in it (${JSON.stringify(field)}). Probes are inputs alone: give {"text"}, {"prompt"}, {"messages"} up to the last question, or {"tokens"}.`,
    { param: 'data', details: { row } },
  )

export const headLabelsTokens = () =>
  new WeftError(
    'head_labels_tokens',
    'This head labels tokens (TOKEN_CLS), not texts. Ask for the labels of its tokens, or compose an adapter trained for SEQ_CLS.',
    { status: 422, param: 'model' },
  )

export const headOfSeveralTasks = (tasks: readonly string[]) =>
  new WeftError('head_of_several_tasks', `This head serves ${tasks.length} tasks (${quoted(tasks)}); read each answer by its task.`, {
    status: 422,
    param: 'model',
    details: { tasks },
  })

export const headOfOneTask = () =>
  new WeftError(
    'head_of_one_task',
    'This head serves one task, so its answers have no task names. Read the label itself, or train on rows that name their task.',
    { status: 422, param: 'model' },
  )

export const headLabelsTexts = () =>
  new WeftError('head_labels_texts', 'This head labels texts (SEQ_CLS), not their tokens. Classify the texts, or compose an adapter trained for TOKEN_CLS.', {
    status: 422,
    param: 'model',
  })

// Policies

/** @param contradictions where, and what cannot both be meant; at least one */
export const contradictsItself = (what: string, contradictions: readonly { path: string; message: string }[]) => {
  const [first, ...others] = contradictions
  return new WeftError(
    'policy_contradiction',
    `${first!.path}: ${first!.message}${others.length ? ` (and ${others.length} more: ${others.map(({ path }) => path).join(', ')})` : ''}. Mend ${what}, which is not taken as it is.`,
    { param: first!.path, details: { contradictions } },
  )
}

// Tenants of a configuration

export const tenantsConfigInvalid = (problem: string) => new WeftError('tenants_config_invalid', `${problem}.`, { status: 500, fault: 'caller' })
