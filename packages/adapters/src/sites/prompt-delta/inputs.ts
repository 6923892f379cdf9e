import { rowWidth } from '../../model-spec.ts'
import type { Site } from '../site.ts'
import { branchRows } from './branch-rows.ts'

/** The rows that a branch over its trunk stands for, `rows [P,H]`. */
export const inputs: Site['inputs'] = (state, model) => [{ name: 'rows', shape: ['P', rowWidth(model)], neutral: 0, tensor: branchRows(state) }]
