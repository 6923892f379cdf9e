import { type AdapterManifest, adapterRefs, canonical, parse, print, splitModel } from '@weft/adapters'
import { expressionTwice } from '../../errors.ts'

/** An adapter as it was read from its file. */
interface Read {
  digest: string
  manifest: Pick<AdapterManifest, 'sites' | 'shared'>
}

/**
 * Refuses an expression that comes to the same as one before it: `b + a` of prefixes is `a + b`, of soft prompts it is not.
 * @param adapters by what names them: `a@2`
 * @throws CliError `usage`
 */
export function refuseSame(expressions: readonly string[], adapters: ReadonlyMap<string, Read>): void {
  const seen = new Map<string, string>()
  for (const expression of expressions) {
    const { rest } = splitModel(parse(expression), ['base'], 'base')
    const { text } = canonical(rest, (ref) => {
      const { digest, manifest } = adapters.get(print(ref))!
      return { ref: print(ref), digest, sites: manifest.sites, ...(manifest.shared ? { shared: manifest.shared } : {}) }
    })
    // A term of strength 0 does nothing, and is asked about all the same.
    const names = rest ? adapterRefs(rest).map(({ name }) => name) : []
    const key = JSON.stringify([text, [...new Set(names)].sort()])
    const before = seen.get(key)
    if (before !== undefined) throw expressionTwice(expression, before)
    seen.set(key, expression)
  }
}
