import { isPinned, parse, print, splitModel } from '@weft/adapters'
import type { WeftClient } from '@weft/client'

/** Names that a composition may begin with: `base`, and those of the models that are served. */
export const modelNames = async (weft: Pick<WeftClient, 'models'>): Promise<string[]> => [
  ...new Set(['base', ...(await weft.models()).flatMap(({ id, kind }) => (kind === 'base' ? [id] : []))]),
]

/** A composition as one machine measures it, which has the model that its adapters were made on, and not the server's names of models. */
export function onOneBase(composition: string, models: readonly string[]): string {
  const { model, rest } = splitModel(parse(composition), models, 'base')
  return model === 'base' ? composition : rest ? print(rest) : 'base'
}

/** Whether a composition begins with a name that may be a model's. @param known names that are none of a server's */
export function mayNameModel(composition: string, known: ReadonlySet<string>): boolean {
  const parsed = parse(composition)
  const first = parsed.kind === 'sum' ? parsed.terms[0]! : parsed
  return parsed !== first && first.kind === 'adapter' && !isPinned(first) && !known.has(first.name)
}
