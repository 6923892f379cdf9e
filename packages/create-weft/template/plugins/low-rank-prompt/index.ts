import { definePlugin, normal, param, rowWidth } from '@weft/methods'
import * as z from 'zod/mini'

/** A method of your own: rows before the token embeddings, as a product of two thin matrices, so that far fewer numbers are trained. */
export default definePlugin({
  id: 'low-rank-prompt',
  description: 'Rows before the token embeddings, made of two thin matrices.',
  sites: ['inputsEmbeds'],
  config: z.strictObject({
    /** P */
    numVirtualTokens: z._default(z.int().check(z.gte(1), z.lte(4096)), 16),
    /** R */
    r: z._default(z.int().check(z.gte(1), z.lte(256)), 4),
  }),
  params: ({ numVirtualTokens, r }, model) => ({
    left: param([numVirtualTokens, r], normal(0.3)), // [P,R]
    right: param([r, rowWidth(model)], normal(0.3)), // [R,H]
  }),
  encode: (g, { left, right }) => ({ inputsEmbeds: { rows: g.matMul(left, right) } }), // [P,H]
})
