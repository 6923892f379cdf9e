import type { GraphBuilder, Value } from '@weft/graph'
import { unsupportedConfig } from '../../errors.ts'

/** Hugging Face's names for one function; the first is ours, which fingerprints hold. */
const names = {
  gelu: ['gelu', 'gelu_python'],
  gelu_tanh: ['gelu_new', 'gelu_pytorch_tanh', 'gelu_fast', 'gelu_accurate'],
  relu: ['relu'],
  silu: ['silu', 'swish'],
  tanh: ['tanh'],
} as const

/** The nonlinearity between two linear layers. */
export type Activation = keyof typeof names

/** What a config.json's field means. Throws `unsupported_config`. */
export function activationOf(field: string, name: string): Activation {
  const found = (Object.keys(names) as Activation[]).find((activation) => (names[activation] as readonly string[]).includes(name))
  if (!found)
    throw unsupportedConfig(
      field,
      name,
      Object.values(names)
        .flat()
        .map((known) => `"${known}"`)
        .join(', '),
    )
  return found
}

export function activate(g: GraphBuilder, activation: Activation, x: Value): Value {
  switch (activation) {
    case 'gelu':
      return g.gelu(x)
    case 'gelu_tanh':
      return g.gelu(x, { approximate: 'tanh' })
    case 'relu':
      return g.relu(x)
    case 'silu':
      return g.silu(x)
    case 'tanh':
      return g.tanh(x)
  }
}
