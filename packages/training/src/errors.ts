import { type Fault, WeftError } from '@weft/adapters'

/** What training refuses: data, labels, context, checkpoints, losses that diverge. The caller can mend it unless `fault` says otherwise. */
export class TrainingError extends WeftError {
  constructor(code: string, message: string, options: { fault?: Fault; param?: string; details?: Record<string, unknown>; cause?: unknown } = {}) {
    super(code, message, { status: options.fault === 'ours' ? 500 : 422, ...options })
    this.name = 'TrainingError'
  }
}

const error = (code: string, message: string, details?: Record<string, unknown>, param?: string): TrainingError =>
  new TrainingError(code, message, { details, param })

export const nothingLearnedBy = (task: string) =>
  error(
    'unsupported_task',
    `${task} reads hidden states and has no loss, so there is nothing to train. Train with labels (SEQ_CLS, TOKEN_CLS), and take the features of the result.`,
    undefined,
    'task',
  )

export const poolerMissing = (module: string) =>
  error(
    'pooler_missing',
    `A classifier on this base reads the first position through ${module}, which its checkpoint lacks. Use a checkpoint that has it, or \`pooling: "mean"\`, which needs none.`,
    { module },
    'pooling',
  )

export const integersUnavailable = (reason: string) =>
  error(
    'integers_unavailable',
    `Training with precision "int8" multiplies in integers, which is not to be had here: ${reason}. Leave precision out.`,
    undefined,
    'hyperparameters.precision',
  )

export const invocationInNoRow = (invocation: readonly number[], text: string) =>
  error(
    'invocation_in_no_row',
    `No row of the training file holds the tokens [${invocation}] (${JSON.stringify(text)}) that the adapter waits for, so it would learn nothing. Write its text into every row, where a prompt will have it; a text that meets others in the middle of a word is other tokens there.`,
    { invocation, text },
    'training_file',
  )

export const noPartners = () =>
  error('no_partners', 'Nobody stands beside the adapter: name partners.adapters, or leave partners.texts or partners.random_rows true.', undefined, 'partners')

export const noPartnerTexts = (tokens: number) =>
  error(
    'no_partner_texts',
    `No row of foreign_file has the ${tokens} tokens of a text that can stand beside the adapter. Give longer rows, name partners.adapters, or leave partners.random_rows true.`,
    { tokens },
    'foreign_file',
  )

export const wrongRowKind = (file: string, line: number, task: string, expected: string) =>
  error('wrong_row_kind', `Line ${line} of the ${file} file does not fit the task ${task}, which takes rows of ${expected}.`, { line, task }, file)

export const tooFewLabels = (labels: readonly string[]) =>
  error(
    'labels_too_few',
    `A classifier needs at least two labels; the training file has ${labels.length === 0 ? 'none' : `only ${JSON.stringify(labels[0])}`}.`,
    { labels },
    'training',
  )

export const taskMissing = (file: string, line: number, named: number) =>
  error('task_missing', `Line ${line} of the ${file} file names no task; line ${named} does. Name a task in every row, or in none.`, { file, line }, file)

export const taskIdMissing = (file: string, line: number) =>
  error('task_id_missing', `Line ${line} of the ${file} file has no task_id, and other rows have one. Give every row one, or none.`, { file, line }, file)

export const taskIdUnknown = (file: string, line: number, taskId: number, numTasks: number) =>
  error(
    'task_id_unknown',
    `Line ${line} of the ${file} file is of task ${taskId}, but the method has ${numTasks}, counted from 0.`,
    { file, line, taskId, numTasks },
    file,
  )

export const noRowTasks = (method: string) =>
  error(
    'task_id_not_supported',
    `The rows have a task_id, but "${method}" has no parameters that tasks share. Train with a multitask method, or leave task_id out.`,
    { method },
    'training',
  )

export const jointRowTasks = (method: string) =>
  error('joint_row_tasks', `"${method}" with a task_id in every row does not train together with others; train it by itself.`, { method })

export const pairTooLong = (file: string, line: number, tokens: number, most: number) =>
  error(
    'pair_too_long',
    `A side of the pair in line ${line} of the ${file} file has ${tokens} tokens with its prompt, and at most ${most} are read. It is not cut, since its last token is what counts: shorten it.`,
    { file, line, tokens, most },
    file,
  )

export const documentTooLong = (tokens: number, parts: number, asked: number) =>
  error(
    'document_too_long',
    `The document's ${tokens} tokens are read in ${parts} parts, and each needs a key at least, so ${asked} are too few. Ask for more tokens, give longer parts (part_tokens), or compress it as several adapters.`,
    { tokens, parts, asked },
    'method',
  )

export const documentWithoutTokens = (line: number) =>
  error('document_without_tokens', `The document in line ${line} of the training file has no tokens. Give a text.`, { line }, 'training')

export const pairsAlike = () =>
  error(
    'pairs_alike',
    'The positive and the negative sides do not differ at their last tokens, so there is no direction between them. Give pairs that end differently.',
    undefined,
    'training',
  )

export const nothingToLearn = (file: string) =>
  error(
    'nothing_to_learn',
    `Nothing of the ${file} file carries a loss: no token after truncation, and no label. Raise max_length, or check that completions or assistant turns are not empty and that rows weigh more than 0.`,
    undefined,
    file,
  )

export const noChatTemplate = (model: string) =>
  error(
    'no_chat_template',
    `The model ${model} has no chat template, so rows of {"messages"} cannot be rendered. Use {"prompt","completion"} rows instead.`,
    undefined,
    'training',
  )

export const templateNotIncremental = (line: number, problem = 'the turns that it marks are not the messages') =>
  error(
    'template_not_incremental',
    `The chat template does not tell which parts of line ${line} are the assistant's (${problem}). Use {"prompt","completion"} rows instead.`,
    { line },
    'training',
  )

/** @param problem as the model's own error of this code says it */
export const messageNotShown = (line: number, problem: string) => error('message_not_shown', `Line ${line}: ${problem}`, { line }, 'training')

/** @param cause the grammar's own error of the schema, which names the function */
export const functionSchemaRefused = (line: number, field: string, { code, message, details }: WeftError, file: 'training' | 'validation') =>
  error(code, `${file} file, line ${line}: ${field}: ${message} A request with it is refused as well.`, { ...details, line }, file)

export const contextTooShort = (virtual: number, maxPositions: number) =>
  error(
    'context_too_short',
    `${virtual} virtual tokens leave no room for text in a context of ${maxPositions} positions. Lower num_virtual_tokens.`,
    { virtual, maxPositions },
    'method',
  )

export const missingRequired = (reference: string) =>
  error('missing_required', `The method needs the adapter "${reference}", which was not sent with the job.`, { reference }, 'required')

export const cannotWarmStart = (reference: string, reason: string) =>
  error('cannot_warm_start', `Training cannot start from "${reference}": ${reason}. Name an adapter of the same method and config.`, { reference }, 'from')

export const requiredForOtherBase = (reference: string, fingerprint: string, expected: string) =>
  error(
    'adapter_for_other_base',
    `The required adapter "${reference}" was made for the base model ${fingerprint}, but this job trains on ${expected}.`,
    { fingerprint, expected },
    'required',
  )

export const lossNotFinite = (what: string, step: number, learningRate: number) =>
  error(
    'loss_not_finite',
    step === 1
      ? `The ${what} is not a finite number at step 1, before anything was learned: no learning rate mends that. What the method starts from does: rows of only zeros, for one, at which the gradient of an RMSNorm is so large that a deep model's overflows. Start from small random numbers, or from tokens.`
      : `The ${what} is not a finite number at step ${step} (learning rate ${learningRate.toPrecision(3)}). Try a learning rate ten times smaller, a longer warm-up, or max_grad_norm 1.`,
    { step, learningRate },
  )

/** After the last step, of what nobody takes. The gradients were finite: its vectors just grew. */
export const grownTooLong = ({ message, details }: WeftError) =>
  error('tensor_norm', `${message}. Try a learning rate ten times smaller, and leave max_grad_norm at its default of 1.`, details)

export const initializerTimeout = (method: string, parameter: string, minutes: number) =>
  error(
    'initializer_timeout',
    `The "init" of the parameter "${parameter}" of the method "${method}" gave nothing within ${minutes} minutes, so the job was given up. Mend the plugin: its promise has to be kept.`,
    { method, parameter },
  )

export const cancelled = (step: number) => error('cancelled', `The job was cancelled after step ${step}.`, { step })

export const checkpointMismatch = (problem: string) =>
  error(
    'checkpoint_mismatch',
    `The checkpoint does not belong to this job: ${problem}. Resume with the specification and the files that it was made with, or start without it.`,
    undefined,
    'checkpoint',
  )

export const unreadableCheckpoint = (problem: string, cause?: unknown) =>
  new TrainingError('unreadable_checkpoint', `The checkpoint cannot be read: ${problem}. Resume from an earlier one, or start without it.`, {
    param: 'checkpoint',
    cause,
  })

export const jointModelsDiffer = () =>
  error(
    'joint_models_differ',
    "Adapters train together over one base model, and these are for different ones. Train each base model's adapters by themselves.",
    undefined,
    'model',
  )

export const jointTasksDiffer = (tasks: readonly string[]) =>
  error(
    'joint_tasks_differ',
    `Adapters train together for one task, read at one place, and these are for ${tasks.join(' and ')}. Train each task's adapters by themselves.`,
    { tasks },
    'task',
  )
