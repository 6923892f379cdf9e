/** One axis: where its values lie, and which of them are written. */
export interface Scale {
  at(value: number): number
  ticks: readonly number[]
}

/** A linear axis from `from` to `to` in pixels, over all values and some air. */
export const linear = (values: readonly number[], from: number, to: number): Scale => {
  const [low, high] = [Math.min(...values), Math.max(...values)]
  const span = high - low || Math.abs(high) || 1
  const step = roundStep(span / 4)
  const [first, last] = [Math.floor((low - span * 0.04) / step) * step, Math.ceil((high + span * 0.04) / step) * step]
  const ticks = Array.from({ length: Math.round((last - first) / step) + 1 }, (_, i) => Number((first + i * step).toPrecision(6)))
  return { ticks, at: (value) => from + ((value - first) / (last - first)) * (to - from) }
}

/** A logarithmic axis; its ticks are the values themselves. */
export const logarithmic = (values: readonly number[], from: number, to: number): Scale => {
  const ticks = [...new Set(values)].sort((a, b) => a - b)
  const [low, high] = [Math.log(ticks[0]), Math.log(ticks.at(-1)!)]
  const inner = (to - from) * 0.92
  return { ticks, at: (value) => from + (to - from) * 0.04 + (high === low ? inner / 2 : ((Math.log(value) - low) / (high - low)) * inner) }
}

/** 1, 2 or 5 times a power of ten. */
const roundStep = (span: number): number => {
  const power = 10 ** Math.floor(Math.log10(span))
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= span)!
}
