import type { FloatTensor } from '../../tensor.ts'
import type { Site } from '../site.ts'

/** `rows [P,H]`. Strengths are a matter of masks, and no input. */
export const inputs: Site['inputs'] = ({ rows }, { hiddenSize }) => [{ name: 'rows', shape: ['P', hiddenSize], neutral: 0, tensor: rows as FloatTensor }]
