import type { Site } from '../site.ts'
import { branchRows } from './branch-rows.ts'

/** The rows that a branch over its trunk stands for, `rows [P,H]`. */
export const inputs: Site['inputs'] = (state, { hiddenSize }) => [{ name: 'rows', shape: ['P', hiddenSize], neutral: 0, tensor: branchRows(state) }]
