import type { TensorEntry } from '../../checkpoint/header.ts'
import { FileWeights } from '../../checkpoint/weights.ts'
import { invalidGguf, unsupportedConfig } from '../../errors.ts'
import type { GgufArchitecture } from '../architectures.ts'

const NAME = 'rope_freqs.weight'
/** Longrope's, of texts within the original context, and of longer ones. */
const [SHORT, LONG] = ['rope_factors_short.weight', 'rope_factors_long.weight']

/** What divides the rotary frequencies, `[F]`: at every length, or within the original context alone. */
export interface RotaryFactors {
  factors?: number[]
  shortFactors?: number[]
}

/**
 * The tensors without the factors of rotary frequencies, and these: what llama.cpp's converter makes of Llama 3.1's scaling and of Phi-3's longrope. None
 * where there are none, and where those of every length change nothing. Throws `invalid_gguf`, and `unsupported_config` for factors that depend on a
 * text's length where the architecture is not known to have such.
 */
export function rotaryFactors(
  file: string,
  tensors: ReadonlyMap<string, TensorEntry>,
  { rotaryFactors: known }: Pick<GgufArchitecture, 'rotaryFactors'>,
): { tensors: ReadonlyMap<string, TensorEntry> } & RotaryFactors {
  if (known !== 'by length') {
    if (tensors.has(LONG)) throw unsupportedConfig('rope_type', 'longrope', `a file without ${LONG}`)
    if (!known || !tensors.has(NAME)) return { tensors }
    const factors = read(file, tensors, NAME)
    return { tensors: without(tensors, [NAME]), ...(factors.some((factor) => factor !== 1) && { factors }) }
  }
  if (tensors.has(LONG) && !tensors.has(SHORT)) throw invalidGguf(file, `it has ${LONG}, and no ${SHORT}.`)
  return tensors.has(SHORT) ? { tensors: without(tensors, [SHORT, LONG]), shortFactors: read(file, tensors, SHORT) } : { tensors }
}

function read(file: string, tensors: ReadonlyMap<string, TensorEntry>, name: string): number[] {
  const factors = [...new FileWeights(new Map([[name, tensors.get(name)!]])).readSync(name)]
  const wrong = factors.find((factor) => !(factor > 0 && factor < Infinity))
  if (wrong !== undefined) throw invalidGguf(file, `${name} holds ${wrong}; positive numbers are expected.`)
  return factors
}

const without = (tensors: ReadonlyMap<string, TensorEntry>, names: readonly string[]): Map<string, TensorEntry> =>
  new Map([...tensors].filter(([name]) => !names.includes(name)))
