import { isWeftError, type ModelSpec, type TaskType, WeftError } from '@weft/adapters'

interface Extra {
  param?: string
  details?: Record<string, unknown>
  cause?: unknown
}

const refuse = (status: number, code: string, message: string, extra: Extra = {}) => new WeftError(code, message, { status, ...extra })

export const modelNotFound = (name: string, known: string[]) =>
  refuse(404, 'model_not_found', `This runner does not serve the model "${name}". It serves: ${known.join(', ') || 'none'}.`, {
    param: 'model',
    details: { models: known },
  })

export const modelLoading = (name: string) =>
  refuse(503, 'model_loading', `The model "${name}" is still being loaded. Ask again in a moment; /health says when it is ready.`, { param: 'model' })

export const modelFailed = (name: string, reason: string) =>
  refuse(503, 'model_failed', `The model "${name}" could not be loaded: ${reason}`, { param: 'model' })

export const compositionNotHeld = (key: string) =>
  refuse(424, 'composition_not_held', `This runner does not hold the composition ${key}. Send it with PUT /compositions/${key} and ask again.`, {
    param: 'composition',
    details: { key },
  })

export const invalidCompositionKey = (key: string) =>
  refuse(400, 'invalid_composition_key', `"${key}" is no composition key: expected "sha256:" and 64 lower-case hexadecimal digits.`, { param: 'key' })

export const compositionTooLarge = (bytes: number, budget: number) =>
  refuse(
    413,
    'composition_too_large',
    `The composition has ${bytes} bytes; this runner keeps at most ${budget} in all. Raise WEFT_COMPOSITION_BYTES or compose less.`,
  )

export const compositionOfAnotherModel = (key: string, model: string) =>
  refuse(
    409,
    'composition_of_another_model',
    `The composition ${key} does not fit the model ${model}: it was sent for another one. Compose for the model that answers.`,
    { param: 'composition' },
  )

export const noModelReady = () =>
  refuse(
    503,
    'model_loading',
    'No model is loaded yet, so there is nothing to check a composition against. Ask again in a moment; /health says when one is ready.',
  )

export const headMissing = (key: string | null) =>
  refuse(
    422,
    'head_missing',
    `Classification needs a composition with a classifier head, and ${key === null ? 'the request names none' : `${key} has none`}. Compose an adapter trained for SEQ_CLS.`,
    { param: 'composition' },
  )

export const tooManyGatedColumns = (branches: number, width: number, limit: number) =>
  refuse(
    422,
    'too_many_gated_columns',
    `The composition's gated prefixes take ${branches} × ${width} columns (each branch as wide as the widest); at most ${limit} fit. Compose fewer or shorter ones.`,
    { details: { branches, width, limit } },
  )

export const poolerMissing = (module: string) =>
  refuse(
    422,
    'pooler_missing',
    `This classifier reads the first position through ${module}, which the base model's checkpoint lacks. Serve a checkpoint that has it.`,
    { param: 'composition' },
  )

/** What each task of a base is for whoever asks it. */
const asked: Record<TaskType, string> = {
  CAUSAL_LM: 'generate and score',
  SEQ_2_SEQ_LM: 'generate and score',
  SEQ_CLS: 'classify texts',
  TOKEN_CLS: 'label tokens',
  FEATURE_EXTRACTION: 'embed texts',
}

export const cannotDo = ({ name, spec }: { name: string; spec: Pick<ModelSpec, 'architecture' | 'tasks'> }, what: string) =>
  refuse(
    422,
    'unsupported_task',
    `The base model "${name}" (${spec.architecture}) cannot ${what}. It can ${spec.tasks.map((task) => asked[task]).join(', ')}.`,
    { param: 'model', details: { tasks: spec.tasks } },
  )

/** Clients that have no code to go by (litellm's fallbacks) look for the first words, which are OpenAI's. */
export const contextExceeded = (needed: number, limit: number, details: Record<string, unknown>) =>
  refuse(
    400,
    'context_length_exceeded',
    `This model's maximum context length is ${limit} tokens, and the composition and the prompt take ${needed}. Shorten the prompt or compose less.`,
    { param: 'prompt', details: { needed, limit, ...details } },
  )

export const inputTooLong = (index: number, tokens: number, room: number) =>
  refuse(
    400,
    'context_length_exceeded',
    `input[${index}] has ${tokens} tokens, and the model reads ${room} behind the composition. Send it in parts, or say "truncate": true to have it cut.`,
    { param: `input[${index}]`, details: { needed: tokens, limit: room } },
  )

export const scoredTextTooLong = (index: number, needed: number, limit: number, details: Record<string, unknown>) =>
  refuse(
    400,
    'context_length_exceeded',
    `input[${index}] takes ${needed} positions with the prompt and what is composed, and the model has ${limit}. Several compositions that meet at the output read no windows: send it in parts, or score it under one of them.`,
    { param: `input[${index}]`, details: { needed, limit, ...details } },
  )

/** @param place of the text in the request: `input[0]`, `choices[1]` */
export const answerTooLong = (place: string, needed: number, limit: number, details: Record<string, unknown>) =>
  refuse(
    400,
    'context_length_exceeded',
    `${place} takes ${needed} positions as an answer, with what is composed before it, and the model has ${limit}. Shorten it or compose less.`,
    { param: place, details: { needed, limit, ...details } },
  )

export const noAnswerEnd = (model: string, begun: string | readonly number[], whole: string | readonly number[]) =>
  refuse(
    422,
    'choices_without_end',
    `The tokens of the choice ${JSON.stringify(begun)} begin those of ${JSON.stringify(whole)}, and "${model}" has no end-of-text token that tells where an answer ends: the shorter would always win. Name the choices so that none begins another.`,
    { param: 'choices', details: { choices: [begun, whole] } },
  )

export const emptyPrompt = () =>
  refuse(400, 'empty_prompt', 'The prompt has no tokens, and no composed rows stand before it: there is nothing to continue. Send at least one token.', {
    param: 'prompt',
  })

export const tokenOutOfRange = (token: number, vocabSize: number, param = 'prompt') =>
  refuse(400, 'token_out_of_range', `The token id ${token} is not in the vocabulary: expected 0 to ${vocabSize - 1}.`, { param })

export const logitsNotFinite = () =>
  refuse(
    500,
    'logits_not_finite',
    'The model answered with numbers that are not finite. A composed adapter of extreme size does this; try it with a smaller strength.',
  )

/** @param seconds after how many to ask again */
export const tooManyWaiting = (what: string, seconds = 1) =>
  refuse(429, 'too_many_waiting', `${what}. Ask again in ${seconds} s, or add a runner.`, { details: { retry_after: seconds } })

export const batchTooSmall = (rows: number, places: number) =>
  refuse(
    400,
    'too_many_operands',
    `The composition takes ${rows} rows of a step, and this runner's steps have ${places}. Combine fewer operands, or give it more: runner.slots of weft.config.ts, or --max-batch where a runner is started by itself.`,
    { param: 'model', details: { rows, places } },
  )

export const outputsNotSupported = ({ name, spec }: { name: string; spec: Pick<ModelSpec, 'architecture'> }, operator: string, what: string) =>
  refuse(
    422,
    'outputs_not_supported',
    `${operator}(…) combines next-token distributions, which "${name}" (${spec.architecture}) cannot do when asked to ${what}. Ask one operand alone, or compose inside the model with "+".`,
    { param: 'model' },
  )

export const deviceUnavailable = (device: string, reason: string) =>
  refuse(500, 'device_unavailable', `The device "${device}" was asked for, but ${reason.replace(/\.$/, '')}.`, { param: 'device' })

export const modelTooLarge = (model: string, needed: number, memory: number) =>
  refuse(
    500,
    'model_too_large',
    `The weights of "${model}" need ${megabytes(needed)} MB of memory, and this machine has ${megabytes(memory)} MB. Take a smaller precision (--precision int8 or int4), or a smaller model.`,
  )

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1)

export const precisionUnavailable = (device: string, asked: string, has: readonly string[]) =>
  refuse(400, 'precision_unavailable', `The ${device} does not compute in ${asked} here; it has ${has.join(', ')}. Start with one of those (--precision).`, {
    param: 'precision',
  })

export const strideTooLarge = (stride: number, room: number) =>
  refuse(
    400,
    'stride_too_large',
    `A stride of ${stride} leaves tokens out: behind this prompt and composition a window scores at most ${room}. Ask for no more.`,
    {
      param: 'stride',
      details: { room },
    },
  )

export const textTooLong = (length: number, most: number, param: string) =>
  refuse(400, 'text_too_long', `A text has ${length} characters; at most ${most} are read at once. Send it in parts.`, { param, details: { most } })

// Grammars

export const unsupportedSchema = (path: string, reason: string) =>
  refuse(400, 'unsupported_schema', `The JSON schema cannot be honoured at "${path}": ${reason}.`, { param: 'grammar', details: { path } })

/** The same, of one of several functions. */
export const inFunction = (name: string, error: unknown): unknown =>
  isWeftError(error)
    ? refuse(error.status, error.code, `Function "${name}": ${error.message}`, { param: 'grammar', details: { ...error.details, function: name } })
    : error

/** The same, of what text must be where no function is called. */
export const inText = (error: unknown): unknown =>
  isWeftError(error) ? refuse(error.status, error.code, error.message, { param: 'grammar.text', ...(error.details && { details: error.details }) }) : error

export const unsupportedRegex = (reason: string) =>
  refuse(400, 'unsupported_regex', `The regular expression cannot be honoured: ${reason}.`, { param: 'grammar' })

export const grammarLeftRecursive = (name: string) =>
  refuse(400, 'unsupported_schema', `The JSON schema cannot be honoured at "${name}": it refers to itself without anything between.`, {
    param: 'grammar',
    details: { path: name },
  })

export const grammarOfNothing = () =>
  refuse(400, 'grammar_of_nothing', 'No text satisfies what the answer must be: its conditions exclude one another, or it would have to be endless.', {
    param: 'grammar',
  })

export const grammarTooComplex = () =>
  refuse(
    400,
    'grammar_too_complex',
    'Following what the answer must be takes too many steps a token, which would hold other answers up. Write alternatives that begin differently, and fewer nested repetitions.',
    { param: 'grammar' },
  )

export const grammarTooLarge = () =>
  refuse(400, 'grammar_too_large', 'What the answer must be is too large: it has long texts, many alternatives or deep nesting. Write less of them.', {
    param: 'grammar',
  })

export const grammarDeadEnd = () =>
  refuse(
    422,
    'grammar_dead_end',
    "The answer cannot go on as it must: the model's vocabulary has no token for what comes next. Allow other characters, or ask a model that has them.",
    { param: 'grammar' },
  )

export const toolChoiceNotSupported = (model: string) =>
  refuse(
    422,
    'tool_choice_not_supported',
    `The chat template of "${model}" has calls of functions in a form that is not told from text: they stand behind no mark, and are no JSON that is all of an answer, or their arguments are no JSON. So what the model chose to call would not be known. Ask for a call with tool_choice "required" or a named function, or for none.`,
    { param: 'tool_choice' },
  )
