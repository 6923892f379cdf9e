/**
 * One trained array. `data` is the memory that the session reads, `gradient` the memory that it writes,
 * so a step crosses the border to ONNX Runtime without a copy.
 */
export interface Parameter {
  readonly name: string
  readonly shape: readonly number[]
  readonly data: Float32Array
  readonly gradient: Float32Array
  /** Factor on the learning rate; 1 when absent. */
  readonly lrScale?: number
}

/** A copy of every parameter's value, for the best step so far and for tests. */
export const snapshot = (parameters: readonly Parameter[]): Map<string, Float32Array> => new Map(parameters.map((p) => [p.name, p.data.slice()]))

/** Writes a snapshot back into the parameters' own memory. */
export const restore = (parameters: readonly Parameter[], values: ReadonlyMap<string, Float32Array>): void => {
  for (const p of parameters) p.data.set(values.get(p.name)!)
}
