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
