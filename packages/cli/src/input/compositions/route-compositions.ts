import { errors, isWeftError, parse, print } from '@weft/adapters'
import type { WeftClient } from '@weft/client'
import { compositionsOf } from '@weft/protocol'
import { expressionTwice } from '../../errors.ts'

type Weft = Pick<WeftClient, 'routes' | 'adapters'>

/**
 * The compositions that expressions ask for: of a route, all that it stands for, its variants and its shadow included, as requests that name it may be answered
 * by any of them. Each is there once.
 * @param note hears what a route stands for
 * @param given names of adapters that need not be published
 * @throws WeftError for what is no expression, and for a name alone of which there is neither route nor adapter; CliError `usage` for what is written twice
 */
export async function compositionsAsked(
  weft: Weft,
  expressions: readonly string[],
  note: (text: string) => void,
  given: Iterable<string> = [],
): Promise<string[]> {
  const written = new Map<string, string>()
  for (const expression of expressions) {
    const same = print(parse(expression))
    if (written.has(same)) throw expressionTwice(expression, written.get(same))
    written.set(same, expression)
  }
  const known = new Set(['base', ...given])
  const found = new Map<string, string>()
  for (const [printed, expression] of written) {
    const compositions = await ofRoute(weft, expression, known)
    if (compositions) note(`${expression} stands for ${compositions.join(' and for ')}`)
    for (const each of compositions ?? [expression]) {
      const same = compositions ? print(parse(each)) : printed
      if (!found.has(same)) found.set(same, each)
    }
  }
  return [...found.values()]
}

/** A route stands alone, without version or strength: only such a name is asked for. */
async function ofRoute(weft: Weft, expression: string, known: ReadonlySet<string>): Promise<string[] | undefined> {
  const parsed = parse(expression)
  if (parsed.kind !== 'adapter' || known.has(parsed.name) || print(parsed) !== parsed.name) return undefined
  try {
    return [...new Set(compositionsOf(await weft.routes.get(parsed.name)).map(({ composition }) => composition))]
  } catch (error) {
    // A key that reads no routes.
    if (isWeftError(error) && error.status === 403) return undefined
    if (!isWeftError(error) || error.status !== 404) throw error
    await requireAdapter(weft, parsed.name, nearOf(error))
    return undefined
  }
}

/** Error 404 `adapter_or_route_not_found`, with the nearest of both; as the edge has it for one that is being trained. */
async function requireAdapter(weft: Weft, name: string, routes: readonly string[]): Promise<void> {
  try {
    await weft.adapters.get(name)
  } catch (error) {
    if (!isWeftError(error) || error.code !== 'adapter_not_found' || error.details?.job !== undefined) throw error
    throw errors.notFound('adapter_or_route', name, [...new Set([...nearOf(error), ...routes])])
  }
}

const nearOf = ({ details }: { details?: Record<string, unknown> | undefined }): string[] => (Array.isArray(details?.suggestions) ? details.suggestions : [])
