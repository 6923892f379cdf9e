import { definePlugin } from '@weft/methods'
import * as z from 'zod/mini'

/** Linear probe: only the task's head is trained, on the frozen model as it is. The baseline that a prompt must beat. */
export const linearProbe = definePlugin({
  id: 'linear-probe',
  description: 'Only the task head, on the frozen model as it is; the baseline of a classifier.',
  paper: 'https://arxiv.org/abs/1610.01644',
  sites: [],
  tasks: ['SEQ_CLS'],
  config: z.strictObject({}),
  params: () => ({}),
  encode: () => ({}),
})

export default linearProbe
