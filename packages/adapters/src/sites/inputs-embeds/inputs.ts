import { rowWidth } from '../../model-spec.ts'
import type { FloatTensor } from '../../tensor.ts'
import type { Site } from '../site.ts'

/** `rows [P,H]`. Strengths are a matter of masks, and no input. */
export const inputs: Site['inputs'] = ({ rows }, model) => [{ name: 'rows', shape: ['P', rowWidth(model)], neutral: 0, tensor: rows as FloatTensor }]
