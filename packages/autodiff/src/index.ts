/** Reverse-mode differentiation of graphs. */
export { type CheckOptions, checkGradients, type GradientError } from './check.ts'
export { AutodiffError } from './errors.ts'
export { gradients } from './gradients.ts'
export type { InputGradient, Rules, Vjp, VjpContext } from './rule.ts'
export { rules } from './rules/index.ts'
