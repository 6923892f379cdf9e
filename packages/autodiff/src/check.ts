import { elementCount, GraphBuilder, interpret, isFloat, numbers, type Tensors, type Value } from '@weft/graph'
import { gradients } from './gradients.ts'

export interface GradientError {
  /** Name of the input. */
  readonly input: string
  /** Largest |analytic − numeric| over the input's elements, relative to the larger of 1 and the largest gradient. */
  readonly error: number
}

export interface CheckOptions {
  /** Inputs to differentiate by; every float one unless said. */
  wrt?: readonly string[]
  /** Half the step of the central difference. */
  epsilon?: number
}

/**
 * Compares gradients with central differences, in double precision. What is differentiated is the sum of all float outputs
 * times fixed numbers, no two alike, so that an error in any element of a Jacobian shows.
 */
export function checkGradients(
  build: (g: GraphBuilder, inputs: { [name: string]: Value }) => Value | readonly Value[],
  feeds: Tensors,
  { wrt = Object.keys(feeds).filter((name) => isFloat(feeds[name].dtype)), epsilon = 1e-5 }: CheckOptions = {},
): GradientError[] {
  const g = new GraphBuilder('check')
  const inputs = Object.fromEntries(Object.entries(feeds).map(([name, { dtype, shape }]) => [name, g.input(name, dtype, shape)]))
  const outputs = [build(g, inputs)].flat().filter((y) => isFloat(y.dtype)) as Value[]
  const factors: { [name: string]: Tensors[string] } = {}
  const loss = outputs
    .map((y, i) => {
      const shape = y.shape as number[]
      const count = elementCount(shape)
      factors[`factor_${i}`] = { dtype: y.dtype, shape, data: Float64Array.from({ length: count }, (_, k) => Math.sin(1.7 * k + i + 0.5)) }
      return g.reduceSum(g.mul(y, g.input(`factor_${i}`, y.dtype, shape)), { keepdims: false })
    })
    .reduce((a, b) => g.add(a, b))
  g.output('loss', loss)
  const forward = g.build()
  gradients(
    g,
    loss,
    wrt.map((name) => inputs[name]),
  ).forEach((ct, i) => g.output(`${wrt[i]}_grad`, ct))
  const point = { ...feeds, ...factors }
  const analytic = interpret(g.build(), point, {}, { double: true })
  return wrt.map((name) => {
    const values = Float64Array.from(numbers(feeds[name]))
    const at = (i: number, shift: number) => {
      const data = values.slice()
      data[i] += shift
      return numbers(interpret(forward, { ...point, [name]: { ...feeds[name], data } }, {}, { double: true }).loss)[0]
    }
    const found = numbers(analytic[`${name}_grad`])
    const numeric = values.map((_, i) => (at(i, epsilon) - at(i, -epsilon)) / (2 * epsilon))
    const scale = numeric.reduce((a, x) => Math.max(a, Math.abs(x)), 1)
    return { input: name, error: numeric.reduce((a, x, i) => Math.max(a, Math.abs(x - found[i])), 0) / scale }
  })
}
