import { type Issue, WeftError } from '@weft/adapters'
import { issueDetails, listed, quoted, shapeText } from '@weft/adapters/error-text'

export const invalidConfig = (method: string, issues: readonly Issue[]) =>
  new WeftError('invalid_config', `the config of "${method}" is not valid: ${listed(issues)}`, { param: issues[0]?.param, details: issueDetails(issues) })

// Plugins

export const invalidPlugin = (id: string, why: string) => new WeftError('invalid_plugin', `plugin "${id}": ${why}`, { status: 500 })
/** Found out of a method's own code when it is asked for: training would end with nothing to keep. */
export const pluginFailed = (id: string, why: string, cause?: unknown) =>
  new WeftError(
    'plugin_failed',
    `the plugin of the method "${id}" cannot be used: ${why}. Mend the plugin; a server that runs has it as it was until it is started again.`,
    {
      status: 422,
      param: 'method.type',
      details: { method: id },
      cause,
    },
  )
export const duplicatePlugin = (id: string) => new WeftError('invalid_plugin', `two plugins are called "${id}"; ids must be unique`, { status: 500 })
export const taskNotSupported = (method: string, task: string, tasks: readonly string[]) =>
  new WeftError('task_not_supported', `"${method}" cannot be trained for ${task}; it supports ${tasks.join(', ')}`, {
    param: 'method',
    details: { method, task, tasks },
  })
export const methodWithoutPairs = (method: string) =>
  new WeftError(
    'method_without_pairs',
    `"${method}" is learned by gradient and cannot be computed from {"positive", "negative"} rows. Name a method that is made of vectors, or give rows to learn from.`,
    { param: 'method', details: { method } },
  )
export const noMethodOfVectors = () =>
  new WeftError(
    'no_method_of_vectors',
    'No method of this configuration can be made of vectors that were computed elsewhere; name one that has `fromPairs` among its plugins.',
    {
      status: 422,
    },
  )
export const notLowRank = (method: string, why: string, instead: string) =>
  new WeftError(
    'not_low_rank',
    `An adapter of "${method}" cannot be written as low-rank additions: ${why}. ${instead}; --format peft may have a place for it.`,
    {
      status: 422,
      details: { method },
    },
  )
export const notOfVectors = (method: string, why: string) =>
  new WeftError(
    'not_of_vectors',
    `An adapter of "${method}" cannot be written as a GGUF of vectors: ${why}. Take one that adds a vector to the stream and does nothing else, or low-rank additions to linear layers; --format peft takes other methods.`,
    {
      status: 422,
      details: { method },
    },
  )
export const pairsContradicted = (field: string) =>
  new WeftError(
    'pairs_contradicted',
    `A vector is computed from pairs without training, so "${field}" would do nothing there; leave it out, or give rows to learn from.`,
    { param: field },
  )
export const pairsMissing = () =>
  new WeftError('pairs_missing', 'The job says how pairs are read, and its rows are none. Give rows of {"positive", "negative"}, or leave "pairs" out.', {
    param: 'pairs',
  })
export const methodWithoutDocument = (method: string) =>
  new WeftError(
    'method_without_document',
    `"${method}" is learned by gradient and cannot be computed from {"document"} rows. Name a method that has \`fromDocument\`, or give rows to learn from.`,
    { param: 'method', details: { method } },
  )
export const documentContradicted = (field: string) =>
  new WeftError('document_contradicted', `A document is compressed, not learned from, so "${field}" would do nothing there; leave it out.`, { param: field })
export const studyMissing = (field: string) =>
  new WeftError(
    'document_contradicted',
    `"${field}" belongs to self-study, which this job does not ask for. Give "document.self_study" its steps (weft compress --self-study), or leave it out.`,
    { param: field },
  )
export const documentMissing = () =>
  new WeftError('document_missing', 'The job says how a document is compressed, and its rows are none. Give rows of {"document"}, or leave "document" out.', {
    param: 'document',
  })
export const initializerShape = (name: string, shape: readonly number[], got: number) =>
  new WeftError('initializer_shape', `the initial values of "${name}" must fill ${shapeText(shape)}, got ${got} values`, { status: 500 })
export const missingLabels = () =>
  new WeftError('labels_missing', 'initializing from class labels needs labels: train on {text, label} rows, or name them in the config')
export const emptyInitText = (text: string) => new WeftError('init_text_empty', `the text to initialize from, ${JSON.stringify(text)}, has no tokens`)
export const requiredSite = (ref: string, site: string, method: string, got: readonly string[]) =>
  new WeftError('required_site_missing', `"${method}" needs an adapter with ${site}; "${ref}" acts at ${got.join(', ') || 'no site'}`, { param: 'method' })
export const nothingToTrain = (method: string) =>
  new WeftError('nothing_to_train', `"${method}" has no trainable parameter for this task. A text needs no training: npx weft publish --text "…" --name NAME`, {
    status: 422,
    param: 'method',
  })

/** `there` are the modules that do exist, and `field` is what asks for others. */
export const noSuchModules = (asked: string | readonly string[], there: readonly string[], field = 'target_modules') =>
  new WeftError(
    'target_modules_missing',
    `no linear layer of this model matches the ${field} ${quoted([asked].flat())}${typeof asked === 'string' ? wholeName(asked) : ''}; it has ${there.join(', ') || 'none'}`,
    { status: 422, param: field, details: { targets: [asked].flat(), modules: there } },
  )
/** How to write names that were given as one text, which is an expression; brackets and commas are what a list has lost its quotes of. */
const wholeName = (text: string): string => {
  const ends = text.match(/[\w.]+/g) ?? []
  const written = /^[\w.,\s[\]']+$/.test(text) ? `: write ${JSON.stringify(ends)}, or ".*${ends[1] ? `(${ends.join('|')})` : ends}"` : ''
  return `, for a text is a regular expression of the whole name, and only a list goes by ends${written}`
}
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
export const invalidPattern = (pattern: string, why: string, param: string) =>
  new WeftError('invalid_pattern', `${JSON.stringify(pattern)} is no regular expression for module names: ${why}`, {
    param,
    details: { pattern },
  })
export const biasWithoutModule = (method: string, weights: readonly string[]) =>
  new WeftError(
    'bias_not_supported',
    `"${method}" cannot train bias "all" here: ${quoted(weights.slice(0, 4))}${weights.length > 4 ? ` and ${weights.length - 4} more` : ''} belong to no linear layer; bias "lora_only" trains those of the layers it adapts`,
    { status: 422, param: 'bias', details: { weights } },
  )
export const tooManyParameters = (method: string, asked: number, most: number) =>
  new WeftError('too_many_parameters', `"${method}" at this config has ${asked} parameters; at most ${most} are trained on this base model. Lower its sizes`, {
    status: 422,
    param: 'method',
    details: { asked, most },
  })

export const contextTooShort = (virtual: number, maxPositions: number) =>
  new WeftError(
    'context_too_short',
    `${virtual} virtual tokens leave no room for text in a context of ${maxPositions} positions. Lower num_virtual_tokens, or whatever else of the method's config makes rows.`,
    { param: 'method', details: { virtual, maxPositions } },
  )

/** Training cannot start from an adapter. */
export const warmStartRefused = (reference: string, why: string) =>
  new WeftError('cannot_warm_start', `Training cannot start from "${reference}": ${why}. Name an adapter of the same method and config.`, {
    status: 409,
    param: 'from',
    details: { reference },
  })
export const configContradicted = (method: string, tensor: string, expected: readonly (number | string)[], got: readonly number[] | undefined) =>
  new WeftError(
    'config_contradicted',
    `the adapter's config and its tensors do not belong together: "${method}" at this config has ${tensor} ${shapeText(expected)}, the file ${got ? `has ${shapeText(got)}` : 'has none'}; export the file that training wrote`,
    { status: 422, param: 'config', details: { tensor, expected, got } },
  )
export const constantContradicted = (method: string, tensor: string) =>
  new WeftError(
    'config_contradicted',
    `the adapter's config and its tensors do not belong together: the file's ${tensor} is not what the config of "${method}" says; export the file that training wrote`,
    { status: 422, param: 'config', details: { tensor } },
  )

// PEFT

export const peftUnsupported = (why: string) => new WeftError('peft_unsupported', `this PEFT checkpoint cannot be imported: ${why}`, { status: 422 })
export const peftUnknownFields = (fields: readonly string[]) =>
  peftUnsupported(
    `its ${fields.join(', ')} ${fields.length > 1 ? 'are' : 'is'} not supported, and may compute something else. Take out of adapter_config.json what only training reads`,
  )
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
export const peftUnsaved = (modules: readonly string[]) =>
  new WeftError(
    'tensor_missing',
    `PEFT checkpoint: adapter_config.json has ${quoted(modules)} in modules_to_save, and adapter_model.safetensors holds nothing of ${modules.length > 1 ? 'them' : 'it'}; save the checkpoint again, or take the entry out if the module was never trained`,
    { status: 422, details: { modules } },
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

/** @param known every method that there is */
export const methodNotFound = (id: string, suggestions: readonly string[], known: readonly string[]) =>
  new WeftError(
    'method_not_found',
    `there is no method "${id.slice(0, 64)}"${suggested(suggestions)} There are ${known.map((each) => `"${each}"`).join(', ')}. A method of your own has to be among the plugins of weft.config.ts, which a server reads when it starts.`,
    { status: 404, param: 'method.type', details: { name: id, suggestions, known } },
  )
/** Of an adapter's file. @param known every method that there is */
export const madeByUnknownMethod = (id: string, suggestions: readonly string[], known: readonly string[]) =>
  new WeftError(
    'method_not_found',
    `the adapter was made by the method "${id.slice(0, 64)}", which is not here${suggested(suggestions)} There are ${known.map((each) => `"${each}"`).join(', ')}. A method of your own has to be among the plugins of weft.config.ts.`,
    { status: 422, param: 'method', details: { name: id, suggestions, known } },
  )
const suggested = ([first]: readonly string[]): string => (first === undefined ? '.' : `; did you mean "${first}"?`)
