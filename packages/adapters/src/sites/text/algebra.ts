import { invalidFile, mixNotSupported } from '../../errors.ts'
import { byteTensor, type FloatTensor, floatTensor, type SiteState } from '../../tensor.ts'
import { defined } from '../equal-shapes.ts'
import { addLogStrength } from '../log-strength.ts'
import type { Site } from '../site.ts'
import { inputs } from './inputs.ts'

/** A plain text at its place in the order; the runner embeds its tokens there. `bias [1]` is one strength for all of it. */
export const text: Site = {
  name: 'text',
  ordered: true,
  strength: 'log',
  mixes: false,
  anyModel: true,
  needs: ['utf8'],
  tensors: () => ({
    utf8: { shape: [null], dtype: 'uint8' },
    bias: { shape: [1], dtype: 'float32', optional: true },
  }),
  validate: ({ utf8 }) => void decodeText(utf8.data as Uint8Array),
  scale: ({ utf8, bias }, weight, ref) => ({ utf8, bias: addLogStrength(bias as FloatTensor, 1, weight, ref) }),
  stack: (a, b) => {
    const joined = new Uint8Array(a.utf8.data.length + b.utf8.data.length)
    joined.set(a.utf8.data as Uint8Array)
    joined.set(b.utf8.data as Uint8Array, a.utf8.data.length)
    return defined({ utf8: byteTensor(joined), bias: a.bias })
  },
  mix: (terms) => {
    if (terms.length === 1 && terms[0].weight === 1) return terms[0].state
    throw mixNotSupported(
      'text',
      terms.map(({ ref }) => ref ?? 'a text'),
    )
  },
  segment: ({ utf8, bias }) => ({ kind: 'text', text: decodeText(utf8.data as Uint8Array), ...(bias ? { bias: bias.data[0] } : {}) }),
  inputs,
  servedBy: 'cache',
}

/** A text as the site's state. */
export const textState = (value: string, logStrength?: number): SiteState =>
  defined({
    utf8: byteTensor(new TextEncoder().encode(value)),
    bias: logStrength ? floatTensor([1], Float32Array.of(logStrength)) : undefined,
  })

/** Strict UTF-8. */
export function decodeText(utf8: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(utf8)
  } catch {
    throw invalidFile('a text is not valid UTF-8', 'text_not_utf8')
  }
}
