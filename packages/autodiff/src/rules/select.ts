import type { Rules } from '../rule.ts'

export const select = {
  Where: ({ g, ct, inputs: [condition] }) => [undefined, () => g.where(condition, ct, 0), () => g.where(condition, 0, ct)],
  Identity: ({ ct }) => [() => ct],
} satisfies Partial<Rules>
