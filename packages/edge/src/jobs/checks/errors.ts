import { WeftError } from '@weft/adapters'

/** Characters of a row that are shown. */
const shownLength = 60

export const invocationInNoRow = (invocation: string, { rows, line, text }: { rows: number; line: number; text: string }) =>
  new WeftError(
    'invocation_in_no_row',
    `None of the ${rows} rows of the training file holds ${JSON.stringify(invocation)}, which the adapter waits for, so it would learn nothing. Line ${line} is ${JSON.stringify(
      text.length > shownLength ? `${text.slice(0, shownLength)}…` : text,
    )}. Write it into every row, where a prompt will have it: at the end of the prompt.`,
    { param: 'training_file', details: { invocation, rows, line } },
  )

/** Whoever trained a model further by its own name elsewhere writes that here. @param what it is instead */
export const modelIsPublished = (model: string, what: string) =>
  new WeftError(
    'model_not_found',
    `there is no base model "${model}": that is ${what}. A job names the base model that it trains for, such as "base"; an adapter to start from stands under "from", what lies frozen beneath it under "on".`,
    { status: 404, param: 'model', details: { name: model, suggestions: [] } },
  )
