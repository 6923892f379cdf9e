import { definePlugin, normal, param } from '@weft/methods'
import * as z from 'zod/mini'

/**
 * Decomposed prompt tuning (Xiao et al. 2023): the prompt is a product of two thin matrices, so that it has
 * R·(P + H) parameters instead of P·H.
 *
 *     rows [P,H] = a [P,R] · b [R,H]
 */
export default definePlugin({
  id: 'decomposed-prompt',
  description: 'A soft prompt of low rank.',
  paper: 'https://arxiv.org/abs/2310.10094',
  sites: ['inputsEmbeds'],
  config: z.strictObject({
    numVirtualTokens: z._default(z.int().check(z.gte(1)), 20),
    rank: z._default(z.int().check(z.gte(1)), 4),
  }),
  params: ({ numVirtualTokens: P, rank: R }, { hiddenSize: H }) => ({ a: param([P, R], normal(0.5)), b: param([R, H], normal(0.1)) }),
  encode: (g, { a, b }) => ({ inputsEmbeds: { rows: g.matMul(a, b) } }),
})
