import { invocationStarts } from '@weft/adapters'
import type { LoadedModel } from '@weft/model'
import type { Dataset } from '../data/token-row.ts'
import { invocationInNoRow } from '../errors.ts'
import { gatesOf } from '../graph/gates.ts'
import type { TrainingProgram } from '../graph/graph.ts'
import { noContext } from '../regularize/frozen-context.ts'

/** That something of what is learned from comes behind what the adapter waits for. @throws TrainingError `invocation_in_no_row` */
export const checkInvocations = (program: TrainingProgram, { rows }: Dataset, { tokenizer }: LoadedModel): void => {
  for (const { invocations } of gatesOf(program, noContext))
    for (const invocation of invocations)
      if (rows.every(({ tokens }) => invocationStarts(tokens, [invocation])[0] === null))
        throw invocationInNoRow(invocation, tokenizer?.decode([...invocation], { skipSpecialTokens: false }) ?? '')
}
