import { isWeftError, parse, print } from '@weft/adapters'
import type { WeftClient } from '@weft/client'
import { compositionsOf } from '@weft/protocol'

/**
 * The compositions that expressions ask for: of a route, all that it stands for, its variants and its shadow included, as requests that name it may be answered
 * by any of them. Each is there once.
 * @param note hears what a route stands for
 * @throws WeftError for what is no expression
 */
export async function compositionsAsked(weft: Pick<WeftClient, 'routes'>, expressions: readonly string[], note: (text: string) => void): Promise<string[]> {
  const found: string[] = []
  for (const expression of expressions) {
    const compositions = await ofRoute(weft, expression)
    if (compositions) note(`${expression} stands for ${compositions.join(' and for ')}`)
    found.push(...(compositions ?? [expression]))
  }
  return [...new Set(found)]
}

/** A route stands alone, without version or strength: only such a name is asked for. */
async function ofRoute(weft: Pick<WeftClient, 'routes'>, expression: string): Promise<string[] | undefined> {
  const parsed = parse(expression)
  if (parsed.kind !== 'adapter' || parsed.name === 'base' || print(parsed) !== parsed.name) return undefined
  try {
    return [...new Set(compositionsOf(await weft.routes.get(parsed.name)).map(({ composition }) => composition))]
  } catch (error) {
    // None of that name, or a key that reads none.
    if (isWeftError(error) && (error.status === 404 || error.status === 403)) return undefined
    throw error
  }
}
