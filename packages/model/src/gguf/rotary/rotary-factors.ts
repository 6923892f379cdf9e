import type { TensorEntry } from '../../checkpoint/header.ts'
import { FileWeights } from '../../checkpoint/weights.ts'
import { invalidGguf, unsupportedConfig } from '../../errors.ts'
import type { GgufArchitecture } from '../architectures.ts'

const NAME = 'rope_freqs.weight'
/** Factors of long texts, beside others of short ones: longrope. */
const LONG = 'rope_factors_long.weight'

/**
 * The tensors without the factors of rotary frequencies, and these: what llama.cpp's converter makes of Llama 3.1's scaling. Undefined where there are
 * none, and where they change nothing. Throws `invalid_gguf`, and `unsupported_config` for factors that depend on a text's length.
 */
export function rotaryFactors(
  file: string,
  tensors: ReadonlyMap<string, TensorEntry>,
  { rotaryFactors: known }: Pick<GgufArchitecture, 'rotaryFactors'>,
): { tensors: ReadonlyMap<string, TensorEntry>; factors?: number[] } {
  if (tensors.has(LONG)) throw unsupportedConfig('rope_type', 'longrope', `a file without ${LONG}`)
  const entry = tensors.get(NAME)
  if (!known || !entry) return { tensors }
  const factors = [...new FileWeights(new Map([[NAME, entry]])).readSync(NAME)]
  const wrong = factors.find((factor) => !(factor > 0 && factor < Infinity))
  if (wrong !== undefined) throw invalidGguf(file, `${NAME} holds ${wrong}; positive numbers are expected.`)
  const others = new Map(tensors)
  others.delete(NAME)
  return { tensors: others, ...(factors.some((factor) => factor !== 1) && { factors }) }
}
