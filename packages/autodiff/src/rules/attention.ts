import type { Rules } from '../rule.ts'

export const attention = {
  GroupQueryAttention: 'refuse',
} satisfies Partial<Rules>
