import type { ModelObject } from '@weft/protocol'
import { namesIn } from './terms.ts'

/** What one column asks. */
export interface Variant {
  id: number
  expression: string
}

export const MOST_VARIANTS = 4

/** How a composition is asked: a head gives labels and generates nothing. */
export type Asking = 'completion' | 'chat' | 'classify'

/** The mode that was chosen, unless something in the expression classifies. */
export const askingOf = (expression: string, models: readonly ModelObject[], chosen: 'completion' | 'chat'): Asking => {
  const names = new Set(namesIn(expression))
  return models.some(({ id, task }) => names.has(id) && (task === 'SEQ_CLS' || task === 'TOKEN_CLS')) ? 'classify' : chosen
}
