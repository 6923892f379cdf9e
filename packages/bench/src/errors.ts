import { WeftError } from '@weft/adapters'

export const cannotInterfere = (expression: string, reason: string) =>
  new WeftError('cannot_interfere', `What "${expression}" does to its adapters cannot be told: ${reason}.`, { param: 'expression' })

export const contextExceeded = (maxPositions: number, { virtual, promptTokens, tokens }: { virtual: number; promptTokens: number; tokens: number }) =>
  new WeftError(
    'context_length_exceeded',
    `${virtual > 0 ? `The composition's ${virtual} tokens, a` : 'A'} prompt of ${promptTokens} tokens and an answer of ${tokens} take ${virtual + promptTokens + tokens} positions, and the model has ${maxPositions}. Give smaller --tokens or --prompt-tokens${virtual > 0 ? ', or compose less' : ''}.`,
    { param: 'tokens', details: { needed: virtual + promptTokens + tokens, limit: maxPositions } },
  )

export const tasksUnusable = (folder: string, found: number, least: number, most: number) =>
  new WeftError('tasks_unusable', `${folder} holds ${found} folders of tasks; composition is measured with ${least} to ${most}, one folder each.`, {
    param: 'tasks',
  })

export const taskFolderUnusable = (folder: string, reason: string) =>
  new WeftError('task_unusable', `The task in ${folder} cannot be used: ${reason}.`, { param: 'tasks' })

export const taskRowUnusable = (path: string, line: number, reason: string, expected: string) =>
  new WeftError('task_row_unusable', `${path}, line ${line} ${reason}; a row is ${expected}.`, { param: 'tasks' })

export const questionUnusable = (path: string, line: number, reason: string) =>
  new WeftError('question_unusable', `${path}, line ${line}: ${reason}; a row is {"prompt", "completion"} and nothing else.`, { param: 'questions' })

export const documentUnusable = (path: string) => new WeftError('document_unusable', `${path} is empty; give a text.`, { param: 'document' })

export const contrastUnusable = (problem: string) =>
  new WeftError(
    'contrast_unusable',
    `The contrast cannot be measured: ${problem}. Give JSONL of {"positive", "negative"} rows, and reference texts as {"text"} rows.`,
    {
      param: 'pairs',
    },
  )

export const contrastTooSmall = (what: string, found: number, least: number) =>
  new WeftError('contrast_too_small', `There are ${found} rows of ${what}, and at least ${least} are needed: some are set aside to choose by.`, {
    param: what,
    details: { found, least },
  })

export const noSearchSpace = (method: string) =>
  new WeftError(
    'no_search_space',
    `The method "${method}" declares no searchSpace, so there is no grid to compare its defaults with. Leave it out, or add one to its plugin.`,
    {
      param: 'methods',
    },
  )

export const allBrokeDown = (method: string, task: string) =>
  new WeftError(
    'all_broke_down',
    `Every training of "${method}" on "${task}" broke down. Try learning rates ten times smaller in its searchSpace, or look at the task's rows.`,
    { status: 500, param: 'methods' },
  )

export const taskMissing = (name: string, known: readonly string[]) =>
  new WeftError('task_missing', `There is no task "${name}"; there are ${known.join(', ')}.`, { param: 'only' })

export const tasksTooFew = (named: readonly string[], known: readonly string[]) =>
  new WeftError('tasks_too_few', `composing takes two tasks at least, and --only names ${named.join(', ')} alone; there are ${known.join(', ')}.`, {
    param: 'only',
  })

export const compositionBare = (expression: string) =>
  new WeftError('composition_bare', `"${expression}" is the bare model, which is measured in any case. Name an adapter or a text beside it: base + lora/a.`, {
    param: 'composition',
  })

export const optionUnread = (option: string, needs: string) =>
  new WeftError('option_unread', `${option} says nothing without ${needs}: leave it out, or add the other.`, { param: option })

export const answerTooLong = (answer: string, tokens: number, most: number) =>
  new WeftError(
    'answer_too_long',
    `The answer ${JSON.stringify(answer)} has ${tokens} tokens, and a row at most ${most}: no question fits before it. Give a larger --max-length.`,
    {
      param: 'max_length',
    },
  )

export const evidenceRowUnreadable = (path: string, line: number) =>
  new WeftError(
    'evidence_row_unreadable',
    `${path}, line ${line} is no row: expected {"settings": {"model": …}, "seed", "commit", "seconds", "values"} and nothing else. Mend the line, or take it out: its cell is then run again.`,
    { param: 'docs' },
  )

export const evidenceRowsMissing = (folder: string) =>
  new WeftError(
    'evidence_rows_missing',
    `There are no rows in ${folder}, so there is nothing to write a page from. Name the folder of documentation with --docs, or run weft bench evidence first.`,
    { param: 'docs' },
  )

export const evidencePartMissing = (name: string, known: readonly string[]) =>
  new WeftError('evidence_part_missing', `There is no part "${name}" of the evidence; there are ${known.join(', ')}.`, { param: 'only' })
