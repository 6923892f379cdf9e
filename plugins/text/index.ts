import { textState } from '@weft/adapters'
import { definePlugin } from '@weft/methods'
import * as z from 'zod/mini'

const config = z.strictObject({
  text: z.string().check(z.minLength(1), z.maxLength(65536)),
})

/** A plain text as an adapter: versioned, addressed by digest and composed like trained prompts. Nothing is trained. */
export const text = definePlugin({
  id: 'text',
  description: 'A plain text, published and composed like a trained prompt.',
  sites: ['text'],
  tasks: ['CAUSAL_LM'],
  config,
  params: () => ({}),
  encode: () => ({}),
  trains: false,
  constants: ({ text }) => ({ text: textState(text) }),
})

export default text
