import { WeftError } from './error.ts'
import type { Issue } from './schema/issues.ts'

export { isWeftError, WeftError } from './error.ts'

const listed = (issues: readonly Issue[]): string => issues.map(({ param, message }) => (param ? `${param}: ${message}` : message)).join('; ')
const quoted = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(', ')
const shapeText = (shape: readonly (number | string | null)[]): string => `[${shape.map((dim) => dim ?? '?').join(', ')}]`

// Requests

export const invalidRequest = (issues: readonly Issue[]) =>
  new WeftError('invalid_request', listed(issues), { param: issues[0]?.param || undefined, details: { issues } })

export const invalidConfig = (method: string, issues: readonly Issue[]) =>
  new WeftError('invalid_config', `the config of "${method}" is not valid: ${listed(issues)}`, { param: issues[0]?.param, details: { issues } })

/** 404 for a name that leads nowhere, with the nearest ones that do. */
export const notFound = (kind: string, name: string, suggestions: readonly string[] = [], param?: string) =>
  new WeftError(
    `${kind}_not_found`,
    `there is no ${kind.replaceAll('_', ' ')} "${name}"${suggestions.length ? `; did you mean ${quoted(suggestions)}?` : ''}`,
    { status: 404, ...(param ? { param } : {}), details: { name, suggestions } },
  )

// Plugins

export const invalidPlugin = (id: string, why: string) => new WeftError('invalid_plugin', `plugin "${id}": ${why}`, { status: 500 })
export const duplicatePlugin = (id: string) => new WeftError('invalid_plugin', `two plugins are called "${id}"; ids must be unique`, { status: 500 })
export const taskNotSupported = (method: string, task: string, tasks: readonly string[]) =>
  new WeftError('task_not_supported', `"${method}" cannot be trained for ${task}; it supports ${tasks.join(', ')}`, {
    param: 'method',
    details: { method, task, tasks },
  })
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
export const initializerShape = (name: string, shape: readonly number[], got: number) =>
  new WeftError('initializer_shape', `the initial values of "${name}" must fill ${shapeText(shape)}, got ${got} values`)
export const missingLabels = () =>
  new WeftError('labels_missing', 'initializing from class labels needs labels: train on {text, label} rows, or name them in the config')
export const emptyInitText = (text: string) => new WeftError('init_text_empty', `the text to initialize from, ${JSON.stringify(text)}, has no tokens`)
export const requiredSite = (ref: string, site: string, method: string, got: readonly string[]) =>
  new WeftError('required_site_missing', `"${method}" needs an adapter with ${site}; "${ref}" acts at ${got.join(', ') || 'no site'}`)

/** `there` are the modules that do exist. */
export const noSuchModules = (targets: readonly string[], there: readonly string[]) =>
  new WeftError('target_modules_missing', `no linear layer of this model matches ${quoted(targets)}; it has ${there.join(', ') || 'none'}`, {
    status: 422,
    param: 'target_modules',
    details: { targets, modules: there },
  })
/** `field` is what leaves nothing of the modules that match. */
export const noModulesLeft = (targets: readonly string[], matching: readonly string[], field: string) =>
  new WeftError(
    'target_modules_missing',
    `${quoted(targets)} match ${matching.slice(0, 4).join(', ')}${matching.length > 4 ? ` and ${matching.length - 4} more` : ''}, and ${field} leaves none of them; widen it or leave it out`,
    { status: 422, param: field, details: { targets, matching } },
  )
export const noDefaultModules = (method: string, architecture: string, there: readonly string[]) =>
  new WeftError('target_modules_missing', `"${method}" has no default for ${architecture} models: name target_modules among ${there.join(', ') || 'none'}`, {
    status: 422,
    param: 'target_modules',
    details: { modules: there },
  })
export const invalidPattern = (pattern: string, why: string) =>
  new WeftError('invalid_pattern', `${JSON.stringify(pattern)} is no regular expression for module names: ${why}`, {
    param: 'target_modules',
    details: { pattern },
  })
export const biasWithoutModule = (method: string, weights: readonly string[]) =>
  new WeftError(
    'bias_not_supported',
    `"${method}" cannot train bias "all" here: ${quoted(weights.slice(0, 4))}${weights.length > 4 ? ` and ${weights.length - 4} more` : ''} belong to no linear layer; bias "lora_only" trains those of the layers it adapts`,
    { status: 422, param: 'bias', details: { weights } },
  )

// Expressions

/** A syntax error: names the character and draws it. */
export const syntaxError = (source: string, offset: number, why: string, code = 'expression_syntax') =>
  new WeftError(code, `${why}, at character ${offset + 1}\n${caret(source, offset)}`, { param: 'model', details: { offset, expression: source } })

/** The line around `offset` with a mark under it. */
function caret(source: string, offset: number): string {
  const flat = source.replace(/[\r\n\t]/g, ' ')
  const start = Math.max(0, offset - 60)
  const shown = flat.slice(start, start + 120)
  const lead = start > 0 ? '…' : ''
  return `  ${lead}${shown}\n  ${' '.repeat(lead.length + offset - start)}^`
}

export const expressionTooLong = (length: number, limit: number) =>
  new WeftError('expression_too_long', `the expression has ${length} characters; at most ${limit} are allowed`, { param: 'model', details: { length, limit } })
export const tooManyTerms = (count: number, limit: number) =>
  new WeftError('too_many_terms', `the composition has ${count} terms; at most ${limit} are allowed`, { param: 'model', details: { count, limit } })
export const nestedTooDeep = (limit: number, offset?: number) =>
  new WeftError('nested_too_deep', `the expression is nested more than ${limit} deep`, { param: 'model', details: { limit, offset } })
export const notSupported = (what: string, instead: string, offset?: number) =>
  new WeftError('not_supported', `${what} is not yet supported; ${instead}`, { param: 'model', details: { offset } })
export const invalidStrength = (weight: number, why: string, offset?: number) =>
  new WeftError('invalid_strength', `a strength of ${weight} is not possible: ${why}`, { param: 'model', details: { weight: String(weight), offset } })
export const modelNotFirst = (name: string) =>
  new WeftError('model_not_first', `"${name}" is a base model; it can only be the first term, without a strength`, { param: 'model' })

// Composing

export const strengthNotSupported = (site: string, ref: string | undefined) =>
  new WeftError(
    'strength_not_supported',
    `${ref ? `"${ref}"` : 'a term'} acts at the ${site} site, which has no strength; use it as it is (1) or leave it out (0)`,
    { param: 'model' },
  )
export const mixNotSupported = (site: string, refs: readonly string[]) =>
  new WeftError('mix_not_supported', `${quoted(refs)} cannot be mixed: the ${site} site has no weighted sum`, { param: 'model' })
export const stackNotSupported = (site: string, refs: readonly string[]) =>
  new WeftError('stack_not_supported', `${quoted(refs)} both bring ${site}, and a composition can hold only one; remove one of them`, {
    param: 'model',
    details: { refs },
  })
export const mixShapes = (site: string, refs: readonly string[], sizes: readonly string[]) =>
  new WeftError(
    'mix_shapes_differ',
    `${quoted(refs)} cannot be mixed: at the ${site} site they have ${sizes.join(' and ')}; a weighted sum needs equal shapes`,
    { param: 'model' },
  )
export const mixSites = (refs: readonly string[], sites: readonly string[]) =>
  new WeftError('mix_sites_differ', `${quoted(refs)} cannot be mixed: they act at different sites (${sites.join('; ')})`, { param: 'model' })
export const trunksDiffer = (refs: readonly string[]) =>
  new WeftError('trunks_differ', `${quoted(refs)} are branches of different trunk prompts; only branches of one trunk can be mixed`, { param: 'model' })
export const wrongBase = (ref: string, made: { name: string; fingerprint: string }, held: { name: string; fingerprint: string }) =>
  new WeftError(
    'wrong_base_model',
    `"${ref}" was trained for base model "${made.name}" (${made.fingerprint.slice(0, 19)}…), not for "${held.name}" (${held.fingerprint.slice(0, 19)}…); a trained prompt fits only the model it was trained on`,
    { status: 409, param: 'model', details: { ref, made, held } },
  )
export const wrongArchitecture = (ref: string, made: { name: string; architecture: string }, held: string) =>
  new WeftError(
    'wrong_base_model',
    `"${ref}" was trained for base model "${made.name}", a ${made.architecture}, not for a ${held}; a trained prompt fits only the model it was trained on`,
    { status: 409, param: 'model', details: { ref, made, held } },
  )
export const adapterNotLoaded = (digest: string) =>
  new WeftError('adapter_not_loaded', `the composition needs ${digest}, which was not loaded`, { status: 500 })
export const tooManyPositions = (parts: { rows: number; prefix: number; text: number; prompt: number; completion: number }, limit: number) => {
  const total = parts.rows + parts.prefix + parts.text + parts.prompt + parts.completion
  return new WeftError(
    'context_length_exceeded',
    `${total} positions are needed and the model has ${limit}: ${parts.rows} virtual tokens, ${parts.prefix} for the longest prefix, ${parts.text} of the composition's texts, ${parts.prompt} of the prompt, ${parts.completion} to generate; shorten one of them`,
    { details: { ...parts, total, limit } },
  )
}

// Tensors

export const missingTensor = (where: string, name: string) => new WeftError('tensor_missing', `${where}: the tensor "${name}" is missing`, { status: 422 })
export const unexpectedTensor = (where: string, name: string, expected: readonly string[]) =>
  new WeftError('tensor_unexpected', `${where}: there is no tensor "${name}" here; expected ${quoted(expected)}`, { status: 422 })
export const tensorShape = (where: string, expected: readonly (number | string | null)[], got: readonly number[]) =>
  new WeftError('tensor_shape', `${where} must be ${shapeText(expected)}, got ${shapeText(got)}`, { status: 422, details: { expected, got } })
export const tensorDtype = (where: string, expected: string, got: string) =>
  new WeftError('tensor_dtype', `${where} must be ${expected}, got ${got}`, { status: 422 })
export const notFinite = (where: string, index: number, value: number) =>
  new WeftError('tensor_not_finite', `${where} holds ${value} at element ${index}; every value must be finite`, { status: 422, details: { index } })
export const normTooLarge = (where: string, norm: number, limit: number) =>
  new WeftError('tensor_norm', `${where} has a vector of length ${norm.toPrecision(4)}; at most ${limit} is accepted`, {
    status: 422,
    details: { norm, limit },
  })
export const configContradicted = (method: string, tensor: string, expected: readonly (number | string)[], got: readonly number[] | undefined) =>
  new WeftError(
    'config_contradicted',
    `the adapter's config and its tensors do not belong together: "${method}" at this config has ${tensor} ${shapeText(expected)}, the file ${got ? `has ${shapeText(got)}` : 'has none'}; export the file that training wrote`,
    { status: 422, param: 'config', details: { tensor, expected, got } },
  )
export const unknownSite = (name: string, known: readonly string[]) =>
  new WeftError('unknown_site', `there is no site "${name}"; sites are ${quoted(known)}`, { status: 422 })

// Files

export const invalidFile = (why: string, code = 'file_invalid') => new WeftError(code, `not a valid safetensors file: ${why}`, { status: 422 })
export const truncated = (expected: number, got: number) =>
  new WeftError('file_truncated', `the file is cut off: ${expected} bytes were promised, ${got} are there; upload it again`, {
    status: 422,
    details: { expected, got },
  })
export const invalidManifest = (issues: readonly Issue[]) =>
  new WeftError('manifest_invalid', `the file's manifest is not valid: ${listed(issues)}`, { status: 422, details: { issues } })
export const noManifest = () =>
  new WeftError(
    'manifest_missing',
    'the safetensors file has no "weft" metadata, so it is not an adapter; PEFT checkpoints are brought in with "weft import"',
    { status: 422 },
  )

// Training files

/** An error in a training file; `line` counts from 1. */
export const trainingFileError = (code: string, line: number | null, why: string) =>
  new WeftError(code, line === null ? `training file: ${why}` : `training file, line ${line}: ${why}`, {
    param: 'training_file',
    ...(line === null ? {} : { details: { line } }),
  })

// PEFT

export const peftUnsupported = (why: string) => new WeftError('peft_unsupported', `this PEFT checkpoint cannot be brought in: ${why}`, { status: 422 })
export const peftPickle = (file: string) =>
  new WeftError(
    'peft_pickle',
    `${file} is a pickle, which can run code when it is read; convert it once where you trust it: python -c "import torch; from safetensors.torch import save_file; save_file({k: v.contiguous() for k, v in torch.load('adapter_model.bin', map_location='cpu', weights_only=True).items()}, 'adapter_model.safetensors', {'format': 'pt'})"`,
    { status: 422 },
  )
export const peftUnexpected = (method: string, names: readonly string[]) =>
  new WeftError(
    'tensor_unexpected',
    `PEFT checkpoint: "${method}" has no place for ${quoted(names.slice(0, 6))}${names.length > 6 ? ` and ${names.length - 6} more` : ''}; leaving ${names.length > 1 ? 'them' : 'it'} out would make another model`,
    { status: 422, details: { names } },
  )
export const peftContradiction = (field: string, said: number, held: number) =>
  new WeftError(
    'peft_contradiction',
    `PEFT checkpoint: adapter_config.json says ${field} ${said}, its tensors say ${held}; the two files do not belong together`,
    { status: 422, details: { field, said, held } },
  )
export const peftTensorShape = (name: string, expected: readonly number[], got: readonly number[]) =>
  new WeftError('tensor_shape', `PEFT checkpoint: ${name} must be ${shapeText(expected)} by adapter_config.json and the base model, got ${shapeText(got)}`, {
    status: 422,
    details: { name, expected, got },
  })
export const peftOtherBase = (field: string, said: number, ours: number) =>
  new WeftError('wrong_base_model', `this PEFT checkpoint was made for another base model: its ${field} is ${said}, this model's ${ours}`, {
    status: 409,
    details: { field, said, ours },
  })
export const peftNotExportable = (method: string, why: string) =>
  new WeftError('peft_not_exportable', `an adapter of "${method}" cannot be written as a PEFT checkpoint: ${why}`, { status: 422 })

// Graphs

export const siteNotTrainable = (site: string, why: string) => new WeftError('site_not_trainable', `the ${site} site cannot stand in a training graph: ${why}`)

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
