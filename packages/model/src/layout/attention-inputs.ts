import { elementCount } from '@weft/graph'
import type { ModelShape } from '../architectures/architecture.ts'
import type { RelativePositions } from './relative-positions.ts'
import { RotaryTable } from './rotary.ts'

/** The input with the additive mask of layers that see `window` positions; of those that see all, when null. */
export const biasInput = (window: number | null): string => (window === null ? 'attention_bias' : `attention_bias.window_${window}`)

/** The input that names, for every pair of columns `[B,S,prefix+S]`, the row of the table of biases that their distance has. */
export const RELATIVE_BUCKETS = 'relative_buckets'

/** The inputs with a rotary table's cosines and sines. */
export const rotaryInputs = (table: string): [cos: string, sin: string] => [`cos.${table}`, `sin.${table}`]

/** An input that tells a graph where columns stand. */
export interface PositionInput {
  dtype: 'float32' | 'int64'
  shape: number[]
}

/**
 * What the host tells a graph's attention about its columns, by input name: masks, one for every window that a layer of the model has, and
 * positions, as angles of each rotary table, or as they are for an architecture that embeds them. Tables are kept, so that a decode
 * step only copies a row.
 */
export class AttentionInputs {
  /** Every window that a layer has, null among them where a layer sees everything. */
  readonly windows: readonly (number | null)[]
  /** Whether a token sees those after it. */
  readonly bidirectional: boolean
  /** How distances find their bias, where they have one. */
  readonly relative: RelativePositions | undefined
  readonly #tables: readonly { cos: string; sin: string; table: RotaryTable }[]

  constructor({ architecture, config, spec }: ModelShape) {
    const { rotary, windows, relative } = architecture.attention(config)
    this.windows = windows
    this.relative = relative
    this.bidirectional = spec.bidirectional ?? false
    this.#tables = Object.entries(rotary).map(([name, settings]) => {
      const [cos, sin] = rotaryInputs(name)
      return { cos, sin, table: new RotaryTable(settings) }
    })
  }

  /** The inputs for positions of a batch `[B,S]`: `cos.<table>`, `sin.<table>` `[B,S,F]`, or `position_ids [B·S]`. */
  positionInputs(B: number, S: number): Record<string, PositionInput> {
    if (this.#tables.length === 0) return { position_ids: { dtype: 'int64', shape: [B * S] } }
    return Object.fromEntries(
      this.#tables.flatMap(({ cos, sin, table: { half } }) =>
        [cos, sin].map((name): [string, PositionInput] => [name, { dtype: 'float32', shape: [B, S, half] }]),
      ),
    )
  }

  /** Writes positions from row `at` of `[B·S]` on into those of the inputs that there are. */
  writePositions(positions: ArrayLike<number>, inputs: Readonly<Record<string, { data: unknown } | undefined>>, at = 0): void {
    for (const { cos, sin, table } of this.#tables) {
      const [into, beside] = [inputs[cos], inputs[sin]]
      if (into && beside) table.write(positions, into.data as Float32Array, beside.data as Float32Array, at)
    }
    const ids = inputs.position_ids?.data as BigInt64Array | undefined
    if (ids) for (let i = 0; i < positions.length; i++) ids[at + i] = BigInt(positions[i])
  }

  /** The inputs for positions of a batch `[B,S]`, with their values. */
  positionValues(
    positions: ArrayLike<number>,
    B: number,
    S: number,
  ): Record<string, PositionInput & { data: Float32Array<ArrayBuffer> | BigInt64Array<ArrayBuffer> }> {
    const values = Object.fromEntries(
      Object.entries(this.positionInputs(B, S)).map(([name, input]) => {
        const size = elementCount(input.shape)
        return [name, { ...input, data: input.dtype === 'int64' ? new BigInt64Array(size) : new Float32Array(size) }]
      }),
    )
    this.writePositions(positions, values)
    return values
  }
}
